package fake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// pack captures the machine's tree below env.Output. What it makes has another
// name until it is whole.
func (m *Machine) pack(ctx context.Context, env machine.Env) (img image.Image, err error) {
	if err := m.clearRun(); err != nil {
		return image.Image{}, err
	}
	format := m.builder.config.Format
	name := strings.ReplaceAll(cmp.Or(m.builder.config.Name, env.Build, Kind), "/", "_")
	target := filepath.Join(env.Output, name)
	if format == "tar" {
		target += ".tar"
	}
	part := filepath.Join(env.Output, "."+filepath.Base(target)+".part")
	defer func() {
		if err != nil {
			err = errors.Join(err, removeAll(part))
		}
	}()
	if _, err := os.Lstat(target); err == nil {
		if !env.Force {
			return image.Image{}, fmt.Errorf("%s is there already; -force overwrites it", target)
		}
		if err := removeAll(target); err != nil {
			return image.Image{}, err
		}
	}
	digest, err := m.packTo(part, format)
	if err != nil {
		return image.Image{}, err
	}
	if err := ctx.Err(); err != nil {
		return image.Image{}, err
	}
	if err := os.Rename(part, target); err != nil {
		return image.Image{}, err
	}
	size, err := sizeOf(target)
	return image.Image{
		Name: m.builder.config.Name, Builder: Kind, ID: target, Format: format,
		Digest: digest, Size: size, Files: []string{target},
	}, err
}

func (m *Machine) packTo(part, format string) (image.Digest, error) {
	if format == "dir" {
		if err := os.Mkdir(part, 0o755); err != nil {
			return "", err
		}
		return copyTree(m.dir, part)
	}
	w, err := os.Create(part)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = packTree(&Files{root: m.root, alive: &group{}}, io.MultiWriter(w, h))
	return digestOf(h), errors.Join(err, w.Sync(), w.Close())
}

func sizeOf(target string) (int64, error) {
	fi, err := os.Stat(target)
	if err != nil {
		return 0, err
	}
	if fi.IsDir() {
		return treeSize(target)
	}
	return fi.Size(), nil
}

// Boot makes a machine from an image's bytes, which must be those of its digest.
// Its files are as captured until the first Connect powers it on.
func (b *Builder) Boot(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error) {
	if err := b.fault(ctx, Call{Op: OpBoot, Path: img.ID}); err != nil {
		return nil, fmt.Errorf("boot fake image: %w", err)
	}
	m, err := b.make(ctx, env, true, func(dir string) error { return unpack(ctx, img, dir) })
	if err != nil {
		return nil, fmt.Errorf("boot fake image %s: %w", img.ID, err)
	}
	return m, nil
}

// Verify compares an image's bytes with its digest.
func (b *Builder) Verify(ctx context.Context, img image.Image) error {
	var got image.Digest
	switch img.Format {
	case "dir":
		var err error
		if got, err = treeDigest(img.ID); err != nil {
			return err
		}
	default:
		f, err := os.Open(img.ID)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
			return err
		}
		got = digestOf(h)
	}
	return compareDigests(img, got)
}

func compareDigests(img image.Image, got image.Digest) error {
	if got != img.Digest {
		return fmt.Errorf("image %s is damaged: its digest is %s, not %s", img.ID, got, img.Digest)
	}
	return nil
}

// unpack puts an image's tree into an existing directory.
func unpack(ctx context.Context, img image.Image, dir string) error {
	if img.Builder != Kind {
		return fmt.Errorf("image %s is of builder %q", img.ID, img.Builder)
	}
	var got image.Digest
	var err error
	switch img.Format {
	case "dir":
		got, err = copyTree(img.ID, dir)
	case "tar":
		var f *os.File
		if f, err = os.Open(img.ID); err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		err = unpackTree(dir, io.TeeReader(contextReader{ctx, f}, h))
		got = digestOf(h)
	default:
		return fmt.Errorf("image %s has unknown format %q", img.ID, img.Format)
	}
	if err != nil {
		return fmt.Errorf("unpack %s: %w", img.ID, err)
	}
	return compareDigests(img, got)
}
