package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

// home is the directory that holds all state of one user of Proofmark.
type home struct{ dir string }

func openHome() (home, error) {
	dir := os.Getenv("PROOFMARK_HOME")
	if dir == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return home{}, fmt.Errorf("find the home directory (set PROOFMARK_HOME): %w", err)
		}
		dir = filepath.Join(user, ".local", "share", "proofmark")
	}
	dir, err := filepath.Abs(dir)
	return home{dir: dir}, err
}

func (h home) path(elem ...string) string {
	return filepath.Join(append([]string{h.dir}, elem...)...)
}

// writable tells why nothing can be written in the home, which need not be there yet.
func (h home) writable() error {
	dir := h.dir
	for {
		fi, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
			continue
		}
		if err == nil && !fi.IsDir() {
			err = &fs.PathError{Op: "open", Path: dir, Err: unix.ENOTDIR}
		}
		if err == nil {
			err = unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
			if err != nil {
				err = &fs.PathError{Op: "write in", Path: dir, Err: err}
			}
		}
		if err != nil {
			return fmt.Errorf("%w\n  state would lie in %s: set PROOFMARK_HOME to a directory that you may write in", err, h.dir)
		}
		return nil
	}
}

// settings of a session of work in a home.
type settings struct {
	writes  bool // not only reads
	refresh bool
	maxAge  maxAge // of layers and images; 0: as the environment says
	warn    func(format string, args ...any)
	sink    build.Sink
}

// openKit opens everything in the home that builds stand on. The returned function
// closes it.
func (h home) openKit(s settings) (build.Kit, func() error, error) {
	if s.writes {
		if err := h.writable(); err != nil {
			return build.Kit{}, nil, err
		}
	}
	age, err := s.maxAge.limit()
	if err == nil {
		_, _, err = maxSize()
	}
	if err != nil {
		return build.Kit{}, nil, err
	}
	store, err := cache.Open(h.path("cache"), cache.Options{MaxAge: age, Refresh: s.refresh, Warn: s.warn})
	if err != nil {
		return build.Kit{}, nil, err
	}
	images, err := catalog.Open(h.path("catalog.db"))
	if err != nil {
		return build.Kit{}, nil, err
	}
	records, err := ledger.Open(h.path("ledger"), testPoints()...)
	if err != nil {
		return build.Kit{}, nil, errors.Join(err, images.Close())
	}
	terminal := build.NewTerminal()
	kit := build.Kit{
		Builders: builders(h, images), Provisioners: provisioners(terminal), Verifiers: verifiers(), Posts: postProcessors(), Data: dataSources(),
		Ledger: records, Cache: store, Catalog: images,
		Probe: openProbe, ProbeVersion: probeVersion(),
		Images: h.path("images"), Logs: h.path("logs"), Reports: h.path("reports"),
		Tool: toolVersion(), Sink: s.sink, Terminal: terminal,
	}
	return kit, func() error { return errors.Join(records.Close(), images.Close()) }, nil
}

// parentImage gives builders the image behind a reference.
func parentImage(c *catalog.Catalog) func(ctx context.Context, ref string) (image.Image, error) {
	return func(ctx context.Context, ref string) (image.Image, error) {
		v, err := c.Get(ctx, ref)
		if err == nil && v.Status == catalog.Refused {
			err = fmt.Errorf("image %s was refused by its checks: name another version, or build it again", ref)
		}
		return v.Image, err
	}
}

// reap removes what killed builds left behind; with kept, also what builds left for a
// while.
func reap(ctx context.Context, kit build.Kit, h home, kept bool, each func(ledger.Record, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	reap := kit.Ledger.Reap
	if kept {
		reap = kit.Ledger.ReapKept
	}
	err := reap(ctx, build.Reapable(kit, builderResources(h)), nil, each)
	return errors.Join(err, kit.Cache.SweepLeases(), kit.LetGo())
}
