package rootfs

import (
	"context"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Deps is what the builder needs from the rest of the program.
type Deps struct {
	// State is a directory for layers and running machines, on one file system
	// that can hold overlayfs upper directories. It is made when first needed.
	State string
	// Parent finds the image that a reference ("name" or "name:version") names.
	Parent func(ctx context.Context, ref string) (image.Image, error)
	// BootDisk makes a machine that boots a disk, with the contract of
	// machine.DiskBooter; nil: disks are not booted. What it makes is on the record in
	// DiskClasses, whose names are none of Classes.
	BootDisk    func(ctx context.Context, d DiskBoot, env machine.Env) (machine.Machine, error)
	DiskClasses func(where ledger.Where) []ledger.Class
	// RequireBoot tells what this host misses for BootDisk, on UEFI or on a BIOS alone.
	RequireBoot func(uefi bool) error
	// Host reads what the host knows about reaching the outside; nil: ReadHost.
	Host func() (Host, error)
	// Epoch bounds the times on disks: SOURCE_DATE_EPOCH. Zero: nothing does.
	Epoch time.Time
}

// DiskBoot is a disk to boot.
type DiskBoot struct {
	Disk   image.Disk
	UEFI   bool // else a BIOS
	CPUs   int  // 0: as usual
	Memory int  // MiB; 0: as usual

	Condition string        // command that says that the machine is up; "": its init system does
	Deadline  time.Duration // until it must be up; 0: as usual
}
