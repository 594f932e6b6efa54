package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

var _ machine.Publisher = (*Builder)(nil)

// Publish moves the image to output.directory, if the template names one. What is
// there already is replaced with -force only.
func (b *Builder) Publish(ctx context.Context, img image.Image, env machine.Env) (image.Image, error) {
	if b.c.Output == nil || b.c.Output.Directory == "" {
		return img, nil
	}
	to, err := b.publish(ctx, img.ID, env)
	if err != nil {
		return image.Image{}, fmt.Errorf("publish image: %w", err)
	}
	img.ID, img.Files = to, []string{to}
	return img, nil
}

func (b *Builder) publish(ctx context.Context, from string, env machine.Env) (string, error) {
	dir, err := filepath.Abs(b.c.Output.Directory)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	to := filepath.Join(dir, filepath.Base(from))
	if exists(to) && !env.Force {
		return "", fmt.Errorf("%s exists: remove it, or build with -force", to)
	}
	err = move(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return to, err
	}
	// Another file system: copy to a name beside it that the reaper can find.
	var part string
	id, err := env.Res.Create(ctx, b.places.partClass(), func(ctx context.Context, tag string) (string, error) {
		part = filepath.Join(dir, "."+tag+".part")
		if err := b.places.notePart(tag, part); err != nil {
			return "", err
		}
		if err := copyImage(ctx, from, part); err != nil {
			return "", err
		}
		return tag, image.Image{Files: []string{part}}.Sync() // the source will be removed
	})
	if err != nil {
		return "", err
	}
	if err := move(part, to); err != nil {
		return "", errors.Join(err, env.Res.Destroy(ctx, id))
	}
	return to, errors.Join(env.Res.Destroy(ctx, id), os.RemoveAll(from))
}

// move renames, over what is there.
func move(from, to string) error {
	err := os.Rename(from, to)
	if err == nil || errors.Is(err, syscall.EXDEV) || !exists(to) {
		return err
	}
	// A directory is in the way. The old image stays until the new one is in place.
	aside, err := os.MkdirTemp(filepath.Dir(to), ".proofmark-old-")
	if err != nil {
		return err
	}
	old := filepath.Join(aside, filepath.Base(to))
	if err := os.Rename(to, old); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Rename(old, to), os.Remove(aside))
	}
	return os.RemoveAll(aside)
}

// copyImage copies an image's file or directory.
func copyImage(ctx context.Context, from, to string) error {
	fi, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if fi.IsDir() {
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
		return copyTree(ctx, from, to)
	}
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fi.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = dst.ReadFrom(reader{ctx, src})
	return errors.Join(err, dst.Close())
}

// partClass is an image that is being copied to the place the user chose. A note
// in the state directory says where that is.
func (p places) partClass() ledger.Class {
	return ledger.Class{
		Name: "half-written image",
		Find: findPath(p.partNote),
		Destroy: func(_ context.Context, tag string) error {
			part, err := os.ReadFile(p.partNote(tag))
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if filepath.Base(string(part)) == "."+tag+".part" {
				err = os.RemoveAll(string(part))
			}
			return errors.Join(err, os.Remove(p.partNote(tag)))
		},
	}
}

func (p places) partNote(tag string) string { return filepath.Join(p.state, "parts", tag) }

func (p places) notePart(tag, part string) error {
	note := p.partNote(tag)
	if err := os.MkdirAll(filepath.Dir(note), 0o700); err != nil {
		return err
	}
	return os.WriteFile(note, []byte(part), 0o600)
}
