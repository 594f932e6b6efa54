package disk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/proofmark-build/proofmark/internal/image"
)

// Formats of disks.
const (
	Raw   = "raw"   // the bytes themselves, in a sparse file
	QCOW2 = "qcow2" // QEMU, KVM, OpenStack; compressed with zstd
	VMDK  = "vmdk"  // VMware
	VDI   = "vdi"   // VirtualBox
	VHD   = "vhd"   // Hyper-V of the first generation, Azure
	OVA   = "ova"   // a whole machine for VMware and VirtualBox
)

// Formats lists them.
func Formats() []string { return []string{Raw, QCOW2, VMDK, VDI, VHD, OVA} }

// Form is how a disk is written.
type Form struct {
	Format string
	// Plain leaves a qcow2 uncompressed: larger, and made sooner.
	Plain bool
	// Stream makes a vmdk that is read from its beginning to its end, compressed, as
	// OVF packages hold it. Machines of VMware Workstation start from the other kind.
	Stream bool
	Machine
}

// Machine is what an OVA says of the machine around its disk.
type Machine struct {
	Name     string
	CPUs     int // 0: one
	MemoryMB int // 0: 1024
	UEFI     bool
	System   string // of the OS: "debian", "ubuntu", "linux" …; others count as linux
}

// Convert writes the raw disk in another form than qcow2, which Write makes. The same disk gives the same bytes. What is
// called out must not be there yet; on error, and when ctx ends, nothing is left of it.
func Convert(ctx context.Context, raw, out string, f Form, ids Identity) (err error) {
	if err := missing(func(n Need) bool { return n.For == forFormats }); err != nil {
		return fmt.Errorf("convert disk to %s: %w", f.Format, err)
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("convert disk to %s: %s exists", f.Format, out)
	}
	defer func() {
		if err != nil {
			os.Remove(out)
			err = fmt.Errorf("convert disk to %s: %w", f.Format, err)
		}
	}()
	switch f.Format {
	case VMDK:
		return makeVMDK(ctx, raw, out, f.Stream, ids)
	case VDI:
		if err := convert(ctx, raw, out, "vdi", ""); err != nil {
			return err
		}
		return patch(out, func(d *os.File) error { return patchVDI(d, ids) })
	case VHD:
		if err := convert(ctx, raw, out, "vpc", "subformat=dynamic,force_size=on"); err != nil {
			return err
		}
		return patch(out, func(d *os.File) error { return patchVHD(d, ids) })
	case OVA:
		return makeOVA(ctx, raw, out, f.Machine, ids)
	}
	return fmt.Errorf("it is unknown: there are %v", Formats())
}

// convert runs qemu-img. It writes in the order of the disk, so that the outcome does not
// depend on which of its threads is faster.
func convert(ctx context.Context, raw, out, format, options string) error {
	args := []string{"convert", "-f", "raw", "-O", format, "-m", strconv.Itoa(coroutines)}
	if options != "" {
		args = append(args, "-o", options)
	}
	_, err := run(ctx, "", nil, "qemu-img", append(args, raw, out)...)
	return err
}

// coroutines read ahead while one writes.
const coroutines = 8

// makeVMDK writes a vmdk of either kind.
func makeVMDK(ctx context.Context, raw, out string, stream bool, ids Identity) error {
	if stream {
		return writeStreamVMDK(ctx, raw, out, ids)
	}
	if err := convert(ctx, raw, out, "vmdk", "adapter_type=lsilogic,subformat=monolithicSparse"); err != nil {
		return err
	}
	return patch(out, func(d *os.File) error { return patchVMDK(d, ids) })
}

// patch changes a file in place.
func patch(name string, change func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(change(f), f.Close())
}

// Sum is the digest of a file.
func Sum(ctx context.Context, name string) (image.Digest, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, mib)
	for {
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return image.Digest(fmt.Sprintf("sha256:%x", h.Sum(nil))), nil
		}
		if err != nil {
			return "", err
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
	}
}
