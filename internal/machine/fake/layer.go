package fake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// A layer is a directory with the whole tree and, written last, the tree's digest.
const (
	layerTree   = "tree"
	layerDigest = "digest"
)

// Snapshot makes the machine's directory a layer, and a machine from it. The
// layer's id in the ledger is the reference.
func (b *Builder) Snapshot(ctx context.Context, from machine.Machine, env machine.Env) (string, machine.Machine, error) {
	m, ok := from.(*Machine)
	if !ok {
		return "", nil, fmt.Errorf("snapshot: %T is not a fake machine", from)
	}
	if s := m.off(consumed); s != usable {
		return "", nil, fmt.Errorf("snapshot fake machine: it is %v", s)
	}
	ref, next, err := b.snapshot(ctx, m, env)
	if err != nil {
		return "", nil, fmt.Errorf("snapshot fake machine: %w", errors.Join(err, m.Close(ctx)))
	}
	return ref, next, nil
}

func (b *Builder) snapshot(ctx context.Context, m *Machine, env machine.Env) (string, machine.Machine, error) {
	if err := b.fault(ctx, Call{Op: OpSnapshot}); err != nil {
		return "", nil, err
	}
	if err := m.clearRun(); err != nil {
		return "", nil, err
	}
	ref, err := env.Res.Create(ctx, layerClass(b.home), func(_ context.Context, tag string) (string, error) {
		dir := filepath.Join(b.home, layersDir, tag)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		if err := os.Rename(m.dir, filepath.Join(dir, layerTree)); err != nil {
			return "", err
		}
		digest, err := treeDigest(filepath.Join(dir, layerTree))
		if err != nil {
			return "", err
		}
		return dir, os.WriteFile(filepath.Join(dir, layerDigest), []byte(digest), 0o600)
	})
	if err != nil {
		return "", nil, err
	}
	next, err := b.restore(ctx, ref, env)
	if err == nil {
		err = m.Close(ctx)
	}
	if err != nil {
		if next != nil {
			err = errors.Join(err, next.Close(ctx))
		}
		return "", nil, errors.Join(err, env.Res.Destroy(ctx, ref))
	}
	return ref, next, nil
}

// Restore makes a machine from a layer.
func (b *Builder) Restore(ctx context.Context, ref string, env machine.Env) (machine.Machine, error) {
	if err := b.fault(ctx, Call{Op: OpRestore, Path: ref}); err != nil {
		return nil, fmt.Errorf("restore fake layer: %w", err)
	}
	m, err := b.restore(ctx, ref, env)
	if err != nil {
		return nil, fmt.Errorf("restore fake layer: %w", err)
	}
	return m, nil
}

func (b *Builder) restore(ctx context.Context, ref string, env machine.Env) (*Machine, error) {
	if err := b.owns(ref); err != nil {
		return nil, fmt.Errorf("%w: %w", machine.ErrGone, err)
	}
	want, err := os.ReadFile(filepath.Join(ref, layerDigest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", ref, machine.ErrGone)
	}
	if err != nil {
		return nil, err
	}
	return b.make(ctx, env, false, func(dir string) error {
		got, err := copyTree(filepath.Join(ref, layerTree), dir)
		if errors.Is(err, fs.ErrNotExist) || err == nil && got != image.Digest(want) {
			return fmt.Errorf("%s is not whole: %w", ref, machine.ErrGone)
		}
		return err
	})
}

// owns tells whether ref may be a layer of this home.
func (b *Builder) owns(ref string) error {
	if filepath.Dir(ref) != filepath.Join(b.home, layersDir) {
		return fmt.Errorf("%q is no layer of %s", ref, b.home)
	}
	return nil
}

// Discard removes a layer. One that is gone already is no error.
func (b *Builder) Discard(ctx context.Context, ref string, _ machine.Env) error {
	if err := b.fault(ctx, Call{Op: OpDiscard, Path: ref}); err != nil {
		return fmt.Errorf("discard fake layer: %w", err)
	}
	if err := b.owns(ref); err != nil {
		return fmt.Errorf("discard fake layer: %w", err)
	}
	return removeAll(ref)
}

// LayerSize returns the size of the layer's archive.
func (b *Builder) LayerSize(ref string) (int64, error) {
	if err := b.owns(ref); err != nil {
		return 0, err
	}
	return treeSize(filepath.Join(ref, layerTree))
}
