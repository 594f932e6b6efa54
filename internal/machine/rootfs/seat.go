package rootfs

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/overlay"
)

// seat is what a machine occupies on the host: a directory, and what its processes
// run in. Each is made when first needed, through the ledger. A machine leaves its
// seat to the next one after a snapshot. Methods are not safe for concurrent use;
// run may be used beside the rest.
type seat struct {
	places places
	res    *ledger.Scope

	dir     string // "" until made
	dirID   string
	mounted bool

	run runner
}

// Parts of a machine's directory.
func (s *seat) upper() string   { return filepath.Join(s.dir, "upper") }
func (s *seat) work() string    { return filepath.Join(s.dir, "work") }
func (s *seat) merged() string  { return filepath.Join(s.dir, "root") }
func (s *seat) console() string { return filepath.Join(s.dir, "console.log") }

// directory makes the machine's directory. fill, when not nil, puts files into
// the upper directory while a crash would still remove them.
func (s *seat) directory(ctx context.Context, fill func(upper string) error) error {
	if s.dir != "" {
		return nil
	}
	class := s.places.directoryClass()
	id, err := s.res.Create(ctx, class, func(_ context.Context, tag string) (string, error) {
		if err := os.MkdirAll(s.places.machines(), 0o700); err != nil {
			return "", err
		}
		s.dir = filepath.Join(s.places.machines(), tag)
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			return "", err
		}
		if err := s.fresh(); err != nil {
			return "", err
		}
		if fill != nil {
			if err := fill(s.upper()); err != nil {
				return "", err
			}
		}
		return tag, nil
	})
	if err != nil {
		s.dir = ""
		return err
	}
	s.dirID = id
	return nil
}

// fresh makes the empty directories of a machine.
func (s *seat) fresh() error {
	for _, d := range []struct {
		path string
		mode os.FileMode
	}{{s.upper(), 0o755}, {s.work(), 0o700}, {s.merged(), 0o755}} {
		if err := os.Mkdir(d.path, d.mode); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := os.Chmod(d.path, d.mode); err != nil { // whatever the umask says
			return err
		}
	}
	return nil
}

// mount shows the files of the layers and of the upper directory as one tree,
// with those of another directory, if one is given, in between.
func (s *seat) mount(chain []string, between string) error {
	if s.mounted {
		return nil
	}
	var lowers []string
	for _, id := range chain {
		lowers = append(lowers, s.places.layers().tree(id))
	}
	if between != "" {
		lowers = append(lowers, between)
	}
	if len(lowers) == 0 {
		empty := filepath.Join(s.dir, "empty")
		if err := os.Mkdir(empty, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		lowers = []string{empty}
	}
	err := overlay.Mount(s.merged(), overlay.Options{
		Lowers: lowers, Upper: s.upper(), Work: s.work(), Links: filepath.Join(s.dir, "links"),
		User: inUserNamespace(),
	})
	s.mounted = err == nil
	return err
}

// unmount undoes mount. The work directory is not used again: overlayfs refuses
// one that was in use without syncs.
func (s *seat) unmount() error {
	if !s.mounted {
		return nil
	}
	if err := overlay.Unmount(s.merged()); err != nil {
		return err
	}
	s.mounted = false
	if err := os.RemoveAll(s.work()); err != nil {
		return err
	}
	return os.Mkdir(s.work(), 0o700)
}

// release gives everything back, newest first. What could not be destroyed is
// tried again by the next call, and by the reaper.
func (s *seat) release(ctx context.Context) error {
	if err := s.run.release(ctx); err != nil {
		return err
	}
	if s.dirID == "" {
		return nil
	}
	if err := s.res.Destroy(ctx, s.dirID); err != nil {
		return err
	}
	s.dir, s.dirID, s.mounted = "", "", false
	return nil
}
