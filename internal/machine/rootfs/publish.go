package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

var (
	_ machine.Publisher = (*Builder)(nil)
	_ machine.Placer    = (*Builder)(nil)
)

// Publish moves each form of the image to the directory that its output block names, if
// one does. What is there already is replaced with -force only.
func (b *Builder) Publish(ctx context.Context, img image.Image, env machine.Env) (image.Image, error) {
	to, err := b.move(ctx, img.ID, b.c.treeOutput(), env)
	if err != nil {
		return image.Image{}, err
	}
	img.ID, img.Files = to, []string{to}
	img.Disks = slices.Clone(img.Disks)
	for i, o := range b.c.disks() {
		d := &img.Disks[i]
		if d.Path, err = b.move(ctx, d.Path, o, env); err != nil {
			return image.Image{}, err
		}
		img.Files = append(img.Files, d.Path)
	}
	return img, nil
}

// move moves one form, and returns where it is.
func (b *Builder) move(ctx context.Context, from string, o Output, env machine.Env) (string, error) {
	dir := o.place()
	if dir == "" {
		return from, nil
	}
	to := filepath.Join(dir, filepath.Base(from))
	err := env.Files.Move(ctx, from, to, env.Force, func(from, to string) error {
		return errors.Join(copyImage(ctx, from, to), image.Image{Files: []string{to}}.Sync()) // from will be removed
	})
	if err != nil {
		return "", fmt.Errorf("publish image: %w", err)
	}
	return to, nil
}

// Places implements machine.Placer.
func (b *Builder) Places(build string) []string {
	var all []string
	if dir := b.c.treeOutput().place(); dir != "" {
		all = append(all, filepath.Join(dir, b.c.fileName(build)))
	}
	for _, o := range b.c.disks() {
		if dir := o.place(); dir != "" {
			all = append(all, filepath.Join(dir, b.c.diskName(build, o)))
		}
	}
	return all
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
	return output.Copy(ctx, from, to)
}
