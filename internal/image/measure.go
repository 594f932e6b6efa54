package image

import (
	"io/fs"
	"path/filepath"
)

// Measure returns how many bytes the image's local files hold, in directories too.
// The error is fs.ErrNotExist when one of them is gone. It reads no content.
func (i Image) Measure() (int64, error) {
	var total int64
	for _, root := range i.Files {
		err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			fi, err := d.Info()
			if err == nil {
				total += fi.Size()
			}
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}
