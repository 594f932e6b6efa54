package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

var (
	_ machine.Publisher = (*Builder)(nil)
	_ machine.Placer    = (*Builder)(nil)
)

// Publish moves the image to output.directory, if the template names one. What is
// there already is replaced with -force only.
func (b *Builder) Publish(ctx context.Context, img image.Image, env machine.Env) (image.Image, error) {
	if b.c.Output == nil || b.c.Output.Directory == "" {
		return img, nil
	}
	to, err := filepath.Abs(filepath.Join(b.c.Output.Directory, filepath.Base(img.ID)))
	if err == nil {
		err = env.Files.Move(ctx, img.ID, to, env.Force, func(from, to string) error {
			return errors.Join(copyImage(ctx, from, to), image.Image{Files: []string{to}}.Sync()) // from will be removed
		})
	}
	if err != nil {
		return image.Image{}, fmt.Errorf("publish image: %w", err)
	}
	img.ID, img.Files = to, []string{to}
	return img, nil
}

// Place implements machine.Placer.
func (b *Builder) Place(build string) string {
	if b.c.Output == nil || b.c.Output.Directory == "" {
		return ""
	}
	return filepath.Join(b.c.Output.Directory, b.c.fileName(build))
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
