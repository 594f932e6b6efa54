package ledger

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir brings the names in a directory to disk, where its file system can do so.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
