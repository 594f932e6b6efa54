package qemu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/image"
)

// HasDisk tells whether an image has a disk that QEMU can start from: one of this builder,
// or of another that makes disks beside what it captures.
func HasDisk(img image.Image) bool { return img.Builder == KindName || len(img.Disks) > 0 }

// imageDisks are the disks of an image as machines see them.
type imageDisks struct {
	disks  []backing
	digest image.Digest // over the files that these are, and vars
	files  []string
	vars   string   // of UEFI, as an installer has left them; "" for fresh ones
	boot   []string // firmware that they are known to boot on; none: nobody knows

	installedOn string // firmware of the machine that they were made in, if it was one
}

// disksOf finds the disks of an image. Of several that hold the same system it is one that
// QEMU reads as it is.
func disksOf(img image.Image) (d imageDisks, err error) {
	var size, recorded int64
	switch {
	case img.Builder == KindName:
		recorded = img.Size
		d.digest, d.files = img.Digest, img.Files
		for _, f := range img.Files {
			if filepath.Base(f) == efivars {
				d.vars = f
				continue
			}
			b, err := backingOf(f, img.Format)
			if err != nil {
				return d, err
			}
			d.disks = append(d.disks, b)
		}
	case len(img.Disks) > 0:
		one := preferred(img.Disks)
		recorded = one.Size
		b, err := backingOf(one.Path, one.Format)
		if err != nil {
			return d, err
		}
		d.disks, d.digest, d.files, d.boot = []backing{b}, one.Digest, []string{one.Path}, one.Boot
	default:
		return d, fmt.Errorf("the image has no disk: it is %s of builder %s", img.Format, img.Builder)
	}
	for _, f := range d.files {
		fi, err := os.Stat(f)
		if errors.Is(err, fs.ErrNotExist) {
			return d, fmt.Errorf("%s is not there any more: build the image again", f)
		} else if err != nil {
			return d, err
		}
		size += fi.Size()
	}
	if recorded > 0 && size != recorded {
		return d, fmt.Errorf("%s is damaged: it has %d bytes, and had %d: build the image again", strings.Join(d.files, ", "), size, recorded)
	}
	return d, nil
}

// preferred is the disk that costs QEMU the least to read.
func preferred(disks []image.Disk) image.Disk {
	for _, format := range []string{disk.QCOW2, disk.Raw} {
		if i := slices.IndexFunc(disks, func(d image.Disk) bool { return d.Format == format }); i >= 0 {
			return disks[i]
		}
	}
	return disks[0]
}

// Facts of an image: the hardware that its system was installed on.
const (
	factMachine   = "machine_type"
	factDisks     = "disk_interface"
	factNetwork   = "net_device"
	factProcessor = "cpu_model"
	factMemory    = "memory"
	factProgram   = "qemu_binary"
	factFirmware  = "firmware"
	factUEFI      = "efi_firmware_code"
)

// facts notes the hardware, for who starts machines from the image.
func (c Config) facts() map[string]string {
	f := map[string]string{
		factMachine: c.Machine, factDisks: c.Disks.Interface, factNetwork: c.NetDevice, factMemory: strconv.Itoa(c.Memory),
		factProgram: c.Binary, factFirmware: bios,
	}
	if c.CPUModel != "" {
		f[factProcessor] = c.CPUModel
	}
	if c.EFI {
		f[factFirmware], f[factUEFI] = uefi, c.EFICode
	}
	return f
}

// hardwareOf is the configuration of a machine for the disks of an image: the one that they
// were installed on, as far as it is known, or one that every system for virtual machines
// knows. A record is not trusted to name programs, or to add options to QEMU's.
func hardwareOf(img image.Image) (c Config) {
	fact := func(name, usual string) string {
		if f := img.Facts[name]; f != "" && strings.Trim(f, plainLetters) == "" {
			return f
		}
		return usual
	}
	c.Hardware = Hardware{CPUs: 1, Machine: fact(factMachine, "q35"), NetDevice: fact(factNetwork, "virtio-net"), CPUModel: fact(factProcessor, "")}
	c.Memory = lookMemory
	if n, err := strconv.Atoi(img.Facts[factMemory]); err == nil {
		c.Memory = n
	}
	c.Disks.Format, c.Disks.Interface, c.Disks.Discard = "qcow2", fact(factDisks, "virtio"), "ignore"
	c.Binary, c.EFI = usualBinary, img.Facts[factFirmware] == uefi
	if name := filepath.Base(img.Facts[factProgram]); strings.HasPrefix(name, "qemu-system-") {
		c.Binary = name // as PATH leads to it
	}
	return c
}

// plainLetters are those of names of QEMU's devices, machines and processors.
const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+"
