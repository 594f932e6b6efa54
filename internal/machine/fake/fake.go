// Package fake is a builder without a platform: its machines are directories with
// a small shell that runs in this process. It keeps every contract of package
// machine and passes the same suite as real builders, so that flows can be tested
// in milliseconds, and it fails, hangs or loses its connection where a test says so.
package fake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Kind is the builder's kind.
const Kind = "fake"

// Guest is a user in every machine, beside root.
const Guest = "guest"

// Config of a builder. Home is needed; everything else may be zero.
type Config struct {
	// Home is the directory below which machines and layers are kept.
	Home string
	// Name of the image; "" for the source's.
	Name string
	// Files of a fresh machine beside the few that every one has: path → text. A
	// text that begins with "#!" is executable. /sbin/init, where there is one, runs
	// when a machine is booted, and has to end well.
	Files map[string]string
	// Format of captured images: "tar" (the default) or "dir".
	Format string
	// ParentName and Parent make machines start from another image.
	ParentName string
	Parent     func(ctx context.Context) (image.Image, error)
	// ProveBoot says that images are disks, to be proven by booting them.
	ProveBoot bool
	// LateDisk says that images have a disk as well, which is made while gate 2 goes on.
	LateDisk bool
	// Commands that machines have beside the built-in ones; a script may also name
	// one as its interpreter ("#!/usr/bin/name").
	Commands map[string]Command
	// Fault is asked before everything that the builder does; see Call. An error is
	// returned as if the platform had failed. It may block to delay, until ctx is done.
	Fault func(ctx context.Context, call Call) error
}

// Builder makes machines that are directories.
type Builder struct {
	config Config
	home   string

	mu    sync.Mutex
	calls map[string]int
	disks int
}

var (
	_ machine.Builder     = (*Builder)(nil)
	_ machine.Snapshotter = (*Builder)(nil)
	_ machine.Booter      = (*Builder)(nil)
	_ machine.DiskBooter  = (*Builder)(nil)
	_ machine.Publisher   = (*Builder)(nil)
	_ machine.Child       = (*Builder)(nil)
	_ machine.Outputter   = (*Builder)(nil)
)

// New returns a builder. Nothing is made before the first Start.
func New(c Config) (*Builder, error) {
	if c.Home == "" {
		return nil, errors.New("open fake builder: home is not set")
	}
	home, err := filepath.Abs(c.Home)
	if err != nil {
		return nil, fmt.Errorf("open fake builder: %w", err)
	}
	switch c.Format {
	case "":
		c.Format = "tar"
	case "tar", "dir":
	default:
		return nil, fmt.Errorf("open fake builder: format %q is neither tar nor dir", c.Format)
	}
	return &Builder{config: c, home: home, calls: map[string]int{}}, nil
}

// Fingerprint adds the files of a fresh machine and the parent's digest.
func (b *Builder) Fingerprint(ctx context.Context, h *cache.Hash) error {
	if err := b.fault(ctx, Call{Op: OpFingerprint}); err != nil {
		return err
	}
	h.Add("layout", "1")
	for _, name := range slices.Sorted(maps.Keys(b.config.Files)) {
		h.Add("file "+name, b.config.Files[name])
	}
	if b.config.Parent != nil {
		img, err := b.config.Parent(ctx)
		if err != nil {
			return fmt.Errorf("resolve parent image: %w", err)
		}
		h.Add("parent", string(img.Digest))
	}
	return nil
}

// OutputKey adds the format of images.
func (b *Builder) OutputKey(h *cache.Hash) { h.Add("format", b.config.Format) }

// ImageName returns Config.Name.
func (b *Builder) ImageName() string { return b.config.Name }

// Parent returns Config.ParentName.
func (b *Builder) Parent() string { return b.config.ParentName }

// Start makes a machine from the configured files or the parent image.
func (b *Builder) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	if err := b.fault(ctx, Call{Op: OpStart}); err != nil {
		return nil, fmt.Errorf("start fake machine: %w", err)
	}
	m, err := b.make(ctx, env, false, func(dir string) error {
		if b.config.Parent == nil {
			return b.fill(dir)
		}
		img, err := b.config.Parent(ctx)
		if err != nil {
			return fmt.Errorf("resolve parent image: %w", err)
		}
		return errors.Join(unpack(ctx, img, dir), b.write(dir, b.config.Files))
	})
	if err != nil {
		return nil, fmt.Errorf("start fake machine: %w", err)
	}
	return m, nil
}

// make makes a machine whose files fill puts into its directory.
func (b *Builder) make(ctx context.Context, env machine.Env, boots bool, fill func(dir string) error) (*Machine, error) {
	id, err := env.Res.Create(ctx, machineClass(b.home), func(ctx context.Context, tag string) (string, error) {
		dir := filepath.Join(b.home, machinesDir, tag)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		if err := errors.Join(fill(dir), os.Chmod(dir, 0o755)); err != nil {
			return "", err
		}
		return dir, b.fault(ctx, Call{Op: OpMade})
	})
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(id)
	if err != nil {
		return nil, errors.Join(err, env.Res.Destroy(ctx, id))
	}
	return &Machine{builder: b, res: env.Res, dir: id, root: root, boots: boots}, nil
}

// fill writes the files of a fresh machine.
func (b *Builder) fill(dir string) error {
	for _, d := range []string{"bin", "etc", "home/" + Guest, "root", "run", "sbin", "srv", "tmp", "usr/bin", "usr/local/bin", "var/lib", "var/log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chmod(filepath.Join(dir, "tmp"), 0o777|fs.ModeSticky); err != nil {
		return err
	}
	skeleton := map[string]string{
		"/etc/passwd":     "root:x:0:0:root:/root:/bin/sh\n" + Guest + ":x:1000:1000::/home/" + Guest + ":/bin/sh\n",
		"/etc/group":      "root:x:0:\n" + Guest + ":x:1000:\n",
		"/etc/hostname":   "fake\n",
		"/etc/os-release": "PRETTY_NAME=\"Fake Linux 1\"\nNAME=\"Fake Linux\"\nID=fake\nVERSION_ID=1\n",
	}
	maps.Copy(skeleton, b.config.Files)
	return b.write(dir, skeleton)
}

// write writes files below a directory, parents included.
func (b *Builder) write(dir string, files map[string]string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	view := &Files{root: root, alive: &group{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		mode := fs.FileMode(0o644)
		if len(files[name]) > 1 && files[name][:2] == "#!" {
			mode = 0o755
		}
		if err := view.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := view.WriteFile(name, []byte(files[name]), mode); err != nil {
			return err
		}
	}
	return nil
}

// Publish stands for what a platform does after the last gate.
func (b *Builder) Publish(ctx context.Context, img image.Image, _ machine.Env) (image.Image, error) {
	if err := b.fault(ctx, Call{Op: OpPublish, Path: img.ID}); err != nil {
		return image.Image{}, fmt.Errorf("publish fake image: %w", err)
	}
	facts := maps.Clone(img.Facts)
	if facts == nil {
		facts = map[string]string{}
	}
	facts["published"] = "true"
	img.Facts = facts
	return img, nil
}

// Resources lists the builder's classes; without Where(home) they are those below
// the builder's own home.
func (b *Builder) Resources(where ledger.Where) []ledger.Class {
	if where["home"] == "" {
		where = Where(b.home)
	}
	return Resources(where)
}
