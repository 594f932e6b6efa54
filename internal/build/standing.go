package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// standing returns the version that was made from the same inputs, and why it does
// not stand for what would be built now; "" when it does. Without such a version
// its number is 0.
func (r *runner) standing(ctx context.Context) (v catalog.Version, why string, err error) {
	v, err = r.kit.Catalog.ByKey(ctx, r.image, string(r.key))
	switch {
	case errors.Is(err, catalog.ErrNotFound):
		return v, "there is none with these inputs", nil
	case err != nil:
		return v, "", fmt.Errorf("look up image: %w", err)
	}
	if why := damage(v.Image); why != "" {
		return v, why, nil
	}
	if _, boots := r.builder.(machine.Booter); !boots && !r.proves(v) {
		return v, "its checks have changed, and this builder cannot start it to ask them", nil
	}
	if why := r.overAge(oldest(v)); why != "" {
		return v, "its oldest step " + why, nil
	}
	newest, err := r.kit.Catalog.Get(ctx, r.image)
	switch {
	case errors.Is(err, catalog.ErrNotFound):
		return v, "", nil
	case err != nil:
		return v, "", fmt.Errorf("look up the newest version: %w", err)
	}
	// When a newer one was made from other inputs meanwhile, the template as it is now
	// deserves a version of its own, which children and rollouts find. One that was
	// refused leads nowhere.
	if newest.Name == r.image && newest.Version > v.Version && (v.Status != catalog.Refused || !r.proves(v)) {
		return v, fmt.Sprintf("%s was made since, from other inputs", ref(newest)), nil
	}
	return v, "", nil
}

// overAge says that what was made then is over the age limit; "" when it is not.
func (r *runner) overAge(made time.Time) string {
	store := r.kit.Cache
	switch age := store.Now().Sub(made); {
	case !store.Stale(made):
		return ""
	case age < 0:
		return "is from the future: the clock has been set back"
	default:
		return fmt.Sprintf("is %s old, and the limit is %s (--cache-max-age)", Took(age), Took(store.MaxAge()))
	}
}

// oldest is when the oldest step of a version was made: its content is as old as that.
func oldest(v catalog.Version) time.Time {
	if len(v.Steps) == 0 {
		return v.Created
	}
	made := v.Steps[0].Made
	for _, s := range v.Steps {
		if s.Made.Before(made) {
			made = s.Made
		}
	}
	return made
}

// whole tells whether an image that post-processors will be given has the bytes that
// were proven. One that has not is built anew, like one of which less is left.
func (r *runner) whole(ctx context.Context, v catalog.Version) (bool, error) {
	verifier, ok := r.builder.(machine.Verifier)
	if !ok || len(v.Image.Files) == 0 || r.processed(v) || v.Status == catalog.Refused && r.proves(v) {
		return true, nil
	}
	err := verifier.Verify(ctx, v.Image)
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err == nil || errors.Is(err, fs.ErrPermission):
		return true, nil
	}
	r.log.Say("Building %s anew: its files are damaged: %v", ref(v), err)
	return false, r.placeIsFree()
}

// damage says what is seen at once of a local image that is not whole any more: its
// digest is for gate 2, and for whole. Remote images, and those that this user may not look at, are
// believed to be well.
func damage(img image.Image) string {
	if len(img.Files) == 0 {
		return ""
	}
	switch size, err := img.Measure(); {
	case errors.Is(err, fs.ErrNotExist):
		return "its files are gone"
	case errors.Is(err, fs.ErrPermission), err == nil && size == img.Size:
		return ""
	case err != nil:
		return "its files cannot be read: " + err.Error()
	default:
		return fmt.Sprintf("its files are damaged: they hold %d bytes, and held %d", size, img.Size)
	}
}
