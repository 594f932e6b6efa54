package image

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Sync brings the image's local files to disk, names included, so that a power cut
// takes none of them. Whoever records an image calls it before.
func (i Image) Sync() error {
	for _, path := range i.Files {
		if err := syncPath(path); err != nil {
			return fmt.Errorf("bring image to disk: %w", err)
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if fi.IsDir() {
		// One call for all files beats one for each, and takes the name along.
		return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
	}
	if err := f.Sync(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
