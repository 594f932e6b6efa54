package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/overlay"
)

// WhereState is the key under which a ledger scope says which state directory
// its resources lie in. Without it Deps.State counts.
const WhereState = "state"

// Classes lists what the builder makes in a place: enough to destroy it from the
// record alone. Every id is the tag itself, or holds it.
func Classes(d Deps, where ledger.Where) []ledger.Class {
	state := d.State
	if s := where[WhereState]; s != "" {
		state = s
	}
	p := places{state}
	classes := []ledger.Class{p.directoryClass(), p.layerClass()}
	if d.DiskClasses != nil {
		classes = append(classes, d.DiskClasses(where)...)
	}
	if inUserNamespace() {
		return append(classes, processClass())
	}
	return append(classes, groupClass(), networkClass())
}

// places are the directories below a state directory.
type places struct{ state string }

func (p places) machines() string { return filepath.Join(p.state, "machines") }
func (p places) layers() layers   { return layers{filepath.Join(p.state, "layers")} }

// directoryClass is a machine's directory: its files, console, and the overlay
// mounted in it.
func (p places) directoryClass() ledger.Class {
	path := func(tag string) string { return filepath.Join(p.machines(), tag) }
	return ledger.Class{
		Name: "machine directory",
		Find: findPath(path),
		Destroy: func(_ context.Context, tag string) error {
			if !valid(tag) {
				return nil
			}
			return removeMachine(path(tag))
		},
	}
}

// removeMachine unmounts what is mounted in a machine's directory and removes it.
func removeMachine(dir string) error {
	if err := overlay.Unmount(dir); err != nil {
		return err
	}
	// What is still mounted is a layer of others' seen through the overlay: it
	// must not be emptied.
	if mounted, err := overlay.Mounted(dir); err != nil || mounted {
		return errors.Join(err, fmt.Errorf("remove %s: something is mounted in it", dir))
	}
	return errors.Join(os.RemoveAll(dir), forgetNspawn(filepath.Base(dir)))
}

// groupClass is a machine's control group, with all processes of the machine.
func groupClass() ledger.Class {
	return ledger.Class{
		Name:     "control group",
		Volatile: true,
		Find: func(_ context.Context, tag string) ([]string, error) {
			groups, err := cgroup.Find(tag)
			var ids []string
			for _, g := range groups {
				ids = append(ids, g.String())
			}
			return ids, err
		},
		Destroy: func(ctx context.Context, id string) error {
			return cgroup.Parse(id).Destroy(ctx)
		},
	}
}

// networkClass is a machine's network namespace, link and nftables table.
func networkClass() ledger.Class {
	return ledger.Class{
		Name:     "network",
		Volatile: true,
		Find: func(ctx context.Context, tag string) ([]string, error) {
			ok, err := network.Exists(ctx, tag)
			if !ok {
				return nil, err
			}
			return []string{tag}, err
		},
		Destroy: network.Destroy,
	}
}

// layerClass is a layer while it is made; the cache owns it afterwards.
func (p places) layerClass() ledger.Class {
	l := p.layers()
	return ledger.Class{
		Name:    "layer",
		Find:    findPath(l.path),
		Destroy: func(_ context.Context, tag string) error { return l.remove(tag) },
	}
}

// findPath finds a resource whose path follows from its tag.
func findPath(path func(tag string) string) func(context.Context, string) ([]string, error) {
	return func(_ context.Context, tag string) ([]string, error) {
		_, err := os.Lstat(path(tag))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []string{tag}, nil
	}
}
