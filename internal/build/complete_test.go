package build_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// withDisk makes the template one whose images get a disk while gate 2 goes on.
func withDisk(t *testing.T) string {
	return edit(t, three, `"web" {}`, `"web" { late_disk = true }`)
}

// TestComplete: gate 2 and the making of the disk wait for each other, so each sees the
// other begin.
func TestComplete(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	booting, completing := make(chan struct{}), make(chan struct{})
	b.fault = func(ctx context.Context, c fake.Call) error {
		mine, other := booting, completing
		switch c.Op {
		case fake.OpBoot:
		case fake.OpComplete:
			mine, other = completing, booting
		default:
			return nil
		}
		close(mine)
		select {
		case <-other:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	r := b.build(withDisk(t), build.Options{}).must(build.Built)
	b.wantVersions("web:1 proven")
	b.wantClean()
	img := b.versions()[0].Image
	if len(img.Disks) != 1 || len(img.Files) != 2 {
		t.Fatalf("image = %+v", img)
	}
	if _, err := os.Stat(img.Disks[0].Path); err != nil {
		t.Error(err)
	}
	size, err := img.Measure()
	if report := r.reports[0]; err != nil || report.Size != size || img.Size != size {
		t.Errorf("sizes: report %d, image %d, files %d, %v", report.Size, img.Size, size, err)
	}
	var kinds []string
	for _, s := range r.reports[0].Steps[3:] {
		kinds = append(kinds, s.Kind)
	}
	if want := []string{"gate", "seal", "capture", "gate", "capture"}; !slices.Equal(kinds, want) {
		t.Errorf("time line = %q, want %q", kinds, want)
	}
}

// TestNotCompleted: what fails first ends the other, and tells why there is no image.
func TestNotCompleted(t *testing.T) {
	t.Parallel()
	broken := errors.New("no room for a disk")
	until := func(ctx context.Context) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	t.Run("the disk", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.fault = func(ctx context.Context, c fake.Call) error {
			switch c.Op {
			case fake.OpComplete:
				return broken
			case fake.OpBoot:
				return until(ctx)
			}
			return nil
		}
		b.build(withDisk(t), build.Options{}).fails("capture: complete fake image: complete: "+broken.Error(), build.Failed)
		b.wantVersions()
		b.wantClean()
	})
	t.Run("gate 2", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		began := make(chan struct{})
		b.fault = func(ctx context.Context, c fake.Call) error {
			switch c.Op {
			case fake.OpComplete:
				close(began)
				return until(ctx)
			case fake.OpBoot:
				<-began
				return broken
			}
			return nil
		}
		b.build(withDisk(t), build.Options{}).refused("gate 2: refused by its checks: it cannot be started: ")
		b.wantVersions()
		b.wantClean()
	})
	t.Run("the build is cancelled", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		b.fault = func(ctx context.Context, c fake.Call) error {
			if c.Op == fake.OpComplete {
				cancel(errSignal)
				return until(ctx)
			}
			return nil
		}
		wantCancelled(t, b, b.buildIn(ctx, withDisk(t), build.Options{}))
		b.wantClean()
	})
}

// TestImageBefore: a capture is told of the newest version of its image.
func TestImageBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var before []string
	b.fault = during(fake.OpCapture, func(c fake.Call) error { before = append(before, c.Path); return nil })
	b.build(three, build.Options{}).must(build.Built)
	first := b.versions()[0].Image.ID
	b.build(edit(t, three, "echo two", "echo one two"), build.Options{}).must(build.Built)
	if !slices.Equal(before, []string{"", first}) {
		t.Errorf("captures were told of %q, want %q", before, first)
	}
}
