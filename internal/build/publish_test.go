package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/template"
)

// moving is a builder that publishes images to a directory of the user's.
type moving struct {
	*fake.Builder
	to string
}

func (m moving) Publish(_ context.Context, img image.Image, _ machine.Env) (image.Image, error) {
	to := filepath.Join(m.to, filepath.Base(img.ID))
	err := errors.Join(os.MkdirAll(m.to, 0o755), os.Rename(img.ID, to))
	img.ID, img.Files = to, []string{to}
	return img, err
}

func TestPublishedElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := filepath.Join(b.dir, "out")
	s := b.open()
	defer s.close()
	s.Builders = template.NewSet(template.Define("fake", "", func(c config) (machine.Builder, error) {
		f, err := b.builder(c, s.Catalog)
		return moving{f, out}, err
	}))
	plan, err := s.plan(bare, build.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reports, err := plan.Execute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Dir(reports[0].Image); got != out || reports[0].Status != catalog.Unproven {
		t.Errorf("image in %s is %s", got, reports[0].Status)
	}
	if _, err := os.Stat(reports[0].Image); err != nil {
		t.Error(err)
	}
	if left := b.below("images"); len(left) != 0 {
		t.Errorf("left %q in the home", left)
	}
}
