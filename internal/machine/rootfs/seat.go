package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/overlay"
)

// seat is what a machine occupies on the host: a directory, a control group, a
// network. Each is made when first needed, through the ledger. A machine leaves
// its seat to the next one after a snapshot. Methods are not safe for concurrent
// use, except those of different parts.
type seat struct {
	places places
	res    *ledger.Scope

	dir     string // "" until made
	dirID   string
	mounted bool

	group   cgroup.Group
	groupID string
	runs    int // control groups used within group

	net   *network.Network
	netID string
	relay *relays
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

// nextGroup makes a control group for a start of the machine. Each start has its
// own: an init system leaves its group in a state that takes no new process.
func (s *seat) nextGroup(ctx context.Context) (cgroup.Group, error) {
	if s.groupID == "" {
		id, err := s.res.Create(ctx, groupClass(), func(_ context.Context, tag string) (string, error) {
			g, err := cgroup.Create(tag)
			s.group = g
			return g.String(), err
		})
		if err != nil {
			return cgroup.Group{}, err
		}
		s.groupID = id
	}
	s.runs++
	return s.group.Child(fmt.Sprintf("run%d", s.runs))
}

// kill ends all processes of the machine.
func (s *seat) kill(ctx context.Context) error {
	if s.groupID == "" {
		return nil
	}
	return s.group.Kill(ctx)
}

// network makes the machine's network.
func (s *seat) network(ctx context.Context, host Host) error {
	if s.net != nil {
		return nil
	}
	id, err := s.res.Create(ctx, networkClass(), func(ctx context.Context, tag string) (string, error) {
		n, err := network.Create(ctx, tag, network.Options{Allow: allowed(host)})
		s.net = n
		return tag, err
	})
	if err != nil {
		s.net = nil
		return err
	}
	s.netID = id
	return nil
}

// release gives everything back, newest first. What could not be destroyed is
// tried again by the next call, and by the reaper.
func (s *seat) release(ctx context.Context) error {
	var errs []error
	if s.relay != nil {
		s.relay.Close()
		s.relay = nil
	}
	destroy := func(id *string) {
		if *id == "" {
			return
		}
		if err := s.res.Destroy(ctx, *id); err != nil {
			errs = append(errs, err)
			return
		}
		*id = ""
	}
	destroy(&s.groupID)
	destroy(&s.netID)
	if s.groupID == "" {
		destroy(&s.dirID)
	}
	if s.dirID == "" {
		s.dir, s.mounted = "", false
	}
	if s.netID == "" {
		s.net = nil
	}
	return errors.Join(errs...)
}
