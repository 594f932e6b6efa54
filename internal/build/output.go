package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// ImageDirectory is the class of directories that images are captured into.
const ImageDirectory = "image-directory"

// imageDir is a directory NAME/TAG below Kit.Images that holds an image not yet in
// the catalog. One whose image the catalog has is not destroyed: it may have got
// there just before a build died, or failed to note that the directory is kept.
func (k Kit) imageDir() ledger.Class {
	return ledger.Class{
		Name: ImageDirectory,
		Find: func(_ context.Context, tag string) (found []string, err error) {
			names, err := os.ReadDir(k.Images)
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
				return nil, nil
			}
			for _, name := range names {
				dir := filepath.Join(k.Images, name.Name(), tag)
				if _, err := os.Lstat(dir); err == nil {
					found = append(found, dir)
				}
			}
			return found, err
		},
		Destroy: func(ctx context.Context, id string) error {
			if owned, err := k.inCatalog(ctx, id); err != nil || owned {
				return err
			}
			if err := removeTree(id); err != nil {
				return err
			}
			_ = os.Remove(filepath.Dir(id)) // of the image's name; stays when it holds others
			return nil
		},
	}
}

// removeTree removes a directory, parts of it that deny access included.
func removeTree(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // what this does not help is told below
		}
		return nil
	})
	return os.RemoveAll(dir)
}

// makeOutput makes the directory that the image is captured into.
func (r *runner) makeOutput(ctx context.Context) (string, error) {
	dir, err := r.own.Create(ctx, r.kit.imageDir(), func(_ context.Context, tag string) (string, error) {
		dir := filepath.Join(r.kit.Images, fileName(r.image), tag)
		return dir, os.MkdirAll(dir, 0o755)
	})
	if err != nil {
		return "", fmt.Errorf("make image directory: %w", err)
	}
	r.output = dir
	return dir, nil
}
