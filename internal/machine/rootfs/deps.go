package rootfs

import (
	"context"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

// Deps is what the builder needs from the rest of the program.
type Deps struct {
	// State is a directory for layers and running machines, on one file system
	// that can hold overlayfs upper directories. It is made when first needed.
	State string
	// Parent finds the image that a reference ("name" or "name:version") names.
	Parent func(ctx context.Context, ref string) (image.Image, error)
	// Host reads what the host knows about reaching the outside; nil: ReadHost.
	Host func() (Host, error)
	// Epoch bounds the times on disks: SOURCE_DATE_EPOCH. Zero: nothing does.
	Epoch time.Time
}
