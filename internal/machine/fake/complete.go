package fake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

var _ machine.Completer = (*Machine)(nil)

// Incomplete implements machine.Completer.
func (m *Machine) Incomplete(img image.Image) bool {
	return m.builder.config.LateDisk && len(img.Disks) == 0
}

// Complete makes the disk that Config.LateDisk asks for: a file beside the image.
func (m *Machine) Complete(ctx context.Context, img image.Image, _ machine.Env) (image.Image, error) {
	path := img.ID + ".disk"
	text := []byte("disk of " + string(img.Digest))
	err := os.WriteFile(path, text, 0o644)
	if err == nil {
		err = m.builder.fault(ctx, Call{Op: OpComplete, Path: img.ID})
	}
	if err != nil {
		return image.Image{}, fmt.Errorf("complete fake image: %w", errors.Join(err, os.RemoveAll(path)))
	}
	img.Disks = []image.Disk{{Path: path, Format: "raw", Size: int64(len(text)), Room: int64(len(text))}}
	img.Files = append(slices.Clone(img.Files), path)
	img.Size += int64(len(text))
	return img, nil
}
