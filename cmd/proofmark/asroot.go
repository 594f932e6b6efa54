package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs"
	"github.com/proofmark-build/proofmark/internal/template"
)

// enter makes an ordinary user root of a user namespace when one of the template's
// builds makes machines. The others run as who called: what they start on this host
// would find itself as root inside. Call it before anything else reads the template.
func (f *templateFlags) enter(path string) error {
	h, err := writableHome()
	if err != nil || os.Geteuid() == 0 {
		return err
	}
	if path == "-" {
		if err := spoolStdin(); err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		defer func() { _, _ = os.Stdin.Seek(0, io.SeekStart) }()
	}
	needed, err := f.makesMachines(h, path)
	if err != nil {
		// Data sources, which are not read yet, may mend it. If not, it is told later.
		needed = rootfs.CanEnter() == nil
	}
	if !needed {
		return nil
	}
	if path == "-" {
		if _, err := os.Stdin.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
	return rootfs.EnterUserNamespace()
}

// makesMachines looks at the template without reading its data sources.
func (f *templateFlags) makesMachines(h home, path string) (needed bool, err error) {
	kit, closeKit, err := h.openKit(settings{})
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, closeKit()) }()
	t, err := template.Load(path, f.options(kit))
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(t.Builds, func(b *template.Build) bool { return makesMachines(b.Source.Type) }), nil
}

// maxStdin is more than a template may have.
const maxStdin = 64 << 20

// spoolStdin puts a file in memory with the same content in the place of standard
// input, so that it can be read twice, and by the program that this one becomes.
func spoolStdin() error {
	fd, err := unix.MemfdCreate("stdin", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "stdin")
	defer file.Close()
	if _, err := io.Copy(file, io.LimitReader(os.Stdin, maxStdin)); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return unix.Dup3(fd, int(os.Stdin.Fd()), 0)
}

// writableHome is the home, in which who called may write: inside of a user namespace
// that is another question.
func writableHome() (home, error) {
	h, err := openHome()
	if err == nil {
		err = h.writable()
	}
	return h, err
}

// enterFor makes an ordinary user root of a user namespace when something in the home
// is of machines, and needed tells so.
func enterFor(ctx context.Context, needed func(context.Context, home, build.Kit) (bool, error)) (err error) {
	h, err := writableHome()
	if err != nil || os.Geteuid() == 0 {
		return err
	}
	kit, closeKit, err := h.openKit(settings{})
	if err != nil {
		return err
	}
	yes, err := needed(ctx, h, kit)
	if err = errors.Join(err, closeKit()); err != nil || !yes {
		return err
	}
	return rootfs.EnterUserNamespace()
}

// leftOfMachines tells whether gc would remove something that machines were made of,
// or a captured tree with files of other owners.
func leftOfMachines(ctx context.Context, h home, kit build.Kit) (bool, error) {
	if rootfs.CanEnter() != nil {
		return false, nil // gc does what it can, and says what is left for whom
	}
	records, err := kit.Ledger.Records()
	if err != nil || slices.ContainsFunc(records, func(r ledger.Record) bool {
		return makesMachines(r.Kind) || r.Class == build.ImageDirectory
	}) {
		return true, nil // what cannot be read may be of any kind
	}
	forgotten, err := kit.Sweep(ctx, true)
	if err == nil && len(forgotten) > 0 {
		return true, nil
	}
	layers, err := discardStale(ctx, kit, h, true)
	return someOfMachines(layers), err
}

// hasLayers tells whether there are layers of machines.
func hasLayers(_ context.Context, _ home, kit build.Kit) (bool, error) {
	entries, err := kit.Cache.List()
	return someOfMachines(entries), err
}

func someOfMachines(layers []cache.Entry) bool {
	return slices.ContainsFunc(layers, func(e cache.Entry) bool { return makesMachines(e.Kind) })
}

// ofMachines tells whether one of the images was captured from a machine of this host.
// An image that is not there is told of later.
func ofMachines(names []string) func(context.Context, home, build.Kit) (bool, error) {
	return func(ctx context.Context, _ home, kit build.Kit) (bool, error) {
		for _, name := range names {
			v, err := kit.Catalog.Get(ctx, name)
			if err != nil && !errors.Is(err, catalog.ErrNotFound) {
				return false, err
			}
			if err == nil && makesMachines(v.Image.Builder) {
				return true, nil
			}
		}
		return false, nil
	}
}

// reachable tells why this process cannot remove what machines were made of, and who
// can; nil when it can.
func reachable() error {
	if os.Geteuid() == 0 {
		return nil
	}
	who := "proofmark gc does"
	if err := rootfs.CanEnter(); err != nil {
		home := ""
		if h, e := openHome(); e == nil {
			home = "PROOFMARK_HOME=" + h.dir + " "
		}
		who = fmt.Sprintf("sudo %sproofmark gc does (%v)", home, err)
	}
	return fmt.Errorf("only root, or who is root of a user namespace, can remove it: %s", who)
}

// outOfReach keeps the reaper from things that this process could remove only a part of.
func outOfReach(classes []ledger.Class) []ledger.Class {
	err := reachable()
	if err == nil {
		return classes
	}
	for i := range classes {
		classes[i].Find = func(context.Context, string) ([]string, error) { return nil, err }
		classes[i].Destroy = func(context.Context, string) error { return err }
	}
	return classes
}
