package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
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
	case !present(v.Image):
		return v, "its files are gone", nil
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

// present tells whether a local image's files are still there. Remote images are
// believed to be.
func present(img image.Image) bool {
	for _, f := range img.Files {
		if _, err := os.Lstat(f); errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}
