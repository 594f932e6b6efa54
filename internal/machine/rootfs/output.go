package rootfs

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Output is an output block.
type Output struct {
	Format    string `opt:"format" default:"tar.zst" doc:"tar.zst, dir or oci; or a disk that boots: raw, qcow2, vmdk, vdi, vhd or ova. A tar.zst is made beside disks where no block makes another archive: it is what gates start, and children build on"`
	Squash    *bool  `opt:"squash" doc:"oci: one layer instead of one for each step; true by default"`
	Directory string `opt:"directory,recorded" doc:"where the finished image goes, the home's images directory by default"`

	DiskSize  string        `opt:"disk_size" doc:"disks: size, such as 10G, or a number of MiB; by default whole GiB, with half a GiB free. Machines with larger disks grow the root file system"`
	Boot      []string      `opt:"boot" doc:"disks: firmware that they boot on: bios, uefi; both by default"`
	Consoles  []string      `opt:"consoles" doc:"disks: consoles of the kernel, the main one last; tty0 and ttyS0,115200n8 by default"`
	Kernel    []string      `opt:"kernel_options" doc:"disks: what else the kernel is told, such as mitigations=off"`
	CloudInit *bool         `opt:"cloud_init" doc:"disks: true wants cloud-init in the image, false keeps it from running; by default nothing is said"`
	GrowRoot  *bool         `opt:"grow_root" doc:"disks: grow the root file system to the size of the machine's disk; true by default. It needs systemd-repart or growpart in the image"`
	ProveBoot *bool         `opt:"prove_boot" doc:"disks: prove it by booting it as two machines; true by default. With false the gates start the tree alone"`
	Condition string        `opt:"boot_condition" doc:"disks: command that must succeed in a machine that boots for it to count as up, instead of systemd's word that all has started; it is tried once a second"`
	Deadline  time.Duration `opt:"boot_deadline" doc:"disks: how long such a machine may take until it is up; 5m by default, 15m where nothing accelerates QEMU"`
	Compress  *bool         `opt:"compress" doc:"qcow2: compress with zstd; true by default"`
	Subformat string        `opt:"subformat" doc:"vmdk: monolithicSparse (by default), or streamOptimized"`
	CPUs      int           `opt:"cpus" doc:"ova: virtual CPUs, 1 by default"`
	Memory    int           `opt:"memory" doc:"ova: MiB of memory, 1024 by default"`
}

const (
	firmwareBIOS = "bios"
	firmwareUEFI = "uefi"
	streamVMDK   = "streamOptimized"
	// diskVersion is raised when disks of the same tree come out differently.
	diskVersion = "2"
)

func treeFormats() []string { return []string{tree.TarZst, tree.Dir, tree.OCI} }

func (o Output) isDisk() bool { return slices.Contains(disk.Formats(), o.Format) }

// place is the directory that the output goes to, absolute; "" for the home's.
func (o Output) place() string {
	if o.Directory == "" {
		return ""
	}
	dir, err := filepath.Abs(o.Directory)
	if err != nil {
		return o.Directory // publishing tells
	}
	return dir
}

// treeOutput is the block that says how the tree is kept; the zero one without.
func (c Config) treeOutput() Output {
	for _, o := range c.Outputs {
		if !o.isDisk() {
			return o
		}
	}
	return Output{}
}

// disks are the blocks that make disks, in order.
func (c Config) disks() []Output {
	return slices.DeleteFunc(slices.Clone(c.Outputs), func(o Output) bool { return !o.isDisk() })
}

// format of the image's tree.
func (c Config) format() string { return cmp.Or(c.treeOutput().Format, tree.TarZst) }

func (c Config) squash() bool {
	s := c.treeOutput().Squash
	return s == nil || *s
}

// diskName is what a disk is called on this host.
func (c Config) diskName(build string, o Output) string {
	return pathElement(cmp.Or(c.ImageName, build)) + "." + o.Format
}

// growsRoot tells whether a disk grows.
func (c Config) growsRoot() bool {
	return slices.ContainsFunc(c.disks(), func(o Output) bool { return o.GrowRoot == nil || *o.GrowRoot })
}

func (c Config) checkOutputs() error {
	seen := map[string]bool{}
	trees := 0
	for _, o := range c.Outputs {
		format := cmp.Or(o.Format, tree.TarZst)
		if !o.isDisk() {
			trees++
		}
		all := slices.Concat(treeFormats(), disk.Formats())
		switch {
		case !slices.Contains(all, format):
			return outputError("format %q is unknown: use %s", format, strings.Join(all, ", "))
		case seen[format]:
			return outputError("two blocks make a %s", format)
		case trees > 1:
			return outputError("an image has one of %s; of disks there may be several", strings.Join(treeFormats(), ", "))
		case o.Squash != nil && !*o.Squash && format != tree.OCI:
			return outputError("squash = false needs format = %q", tree.OCI)
		}
		seen[format] = true
		if err := o.check(c.Arch); err != nil {
			return template.At("output", fmt.Errorf("format %q: %w", format, err))
		}
	}
	return nil
}

func outputError(format string, args ...any) error {
	return template.At("output", fmt.Errorf(format, args...))
}

// check refuses options that mean nothing in their block.
func (o Output) check(arch string) error {
	if !o.isDisk() {
		for name, set := range map[string]bool{"disk_size": o.DiskSize != "", "boot": len(o.Boot) > 0, "consoles": len(o.Consoles) > 0,
			"kernel_options": len(o.Kernel) > 0, "cloud_init": o.CloudInit != nil, "grow_root": o.GrowRoot != nil, "prove_boot": o.ProveBoot != nil,
			"boot_condition": o.Condition != "", "boot_deadline": o.Deadline != 0} {
			if set {
				return fmt.Errorf("%s counts for disks: %s", name, strings.Join(disk.Formats(), ", "))
			}
		}
	}
	if o.Compress != nil && o.Format != disk.QCOW2 {
		return errors.New("compress counts for qcow2")
	}
	if o.Subformat != "" && o.Format != disk.VMDK {
		return errors.New("subformat counts for vmdk")
	}
	if (o.CPUs != 0 || o.Memory != 0) && o.Format != disk.OVA {
		return errors.New("cpus and memory count for ova: other formats say nothing of the machine")
	}
	if !o.isDisk() {
		return nil
	}
	if arch != "" && arch != "amd64" {
		return fmt.Errorf("disks are made for amd64, not for %s", arch)
	}
	for _, b := range o.Boot {
		if b != firmwareBIOS && b != firmwareUEFI {
			return fmt.Errorf("boot has %q: use %s and %s", b, firmwareBIOS, firmwareUEFI)
		}
	}
	if s := o.Subformat; s != "" && s != streamVMDK && s != "monolithicSparse" {
		return fmt.Errorf("subformat %q is unknown: use monolithicSparse or %s", s, streamVMDK)
	}
	if o.CPUs < 0 || o.Memory < 0 {
		return errors.New("cpus and memory are positive numbers")
	}
	if o.Deadline < 0 {
		return fmt.Errorf("boot_deadline: %s is no time to wait", o.Deadline)
	}
	for _, word := range slices.Concat(o.Consoles, o.Kernel) {
		if word == "" || strings.ContainsAny(word, "\n\x00") {
			return fmt.Errorf("%q is no option of a kernel", word)
		}
	}
	if o.DiskSize != "" {
		if _, err := disk.ParseSize(o.DiskSize); err != nil {
			return fmt.Errorf("disk_size: %w", err)
		}
	}
	return nil
}

// diskSpec is all that decides a disk besides the tree and its names.
type diskSpec struct {
	Disk disk.Options
	Form disk.Form
	// CloudInit wants it in the tree.
	CloudInit bool
}

// spec of a block that was checked.
func (o Output) spec(epoch time.Time) diskSpec {
	firmware := o.boots()
	s := diskSpec{
		Disk: disk.Options{
			BIOS: slices.Contains(firmware, firmwareBIOS), UEFI: slices.Contains(firmware, firmwareUEFI),
			Consoles: o.Consoles, Cmdline: slices.Clone(o.Kernel), Epoch: epoch,
		},
		Form: disk.Form{
			Format: o.Format, Plain: o.Compress != nil && !*o.Compress, Stream: o.Subformat == streamVMDK,
			Machine: disk.Machine{CPUs: o.CPUs, MemoryMB: o.Memory, UEFI: !slices.Contains(firmware, firmwareBIOS)},
		},
		CloudInit: o.CloudInit != nil && *o.CloudInit,
	}
	if o.DiskSize != "" {
		s.Disk.Size, _ = disk.ParseSize(o.DiskSize) // it was checked
	}
	if len(o.Consoles) == 0 {
		s.Disk.Consoles = []string{"tty0", "ttyS0,115200n8"}
	}
	if o.CloudInit != nil && !*o.CloudInit {
		s.Disk.Cmdline = append(s.Disk.Cmdline, "cloud-init=disabled")
	}
	return s
}

// boots is the firmware that the disk boots on.
func (o Output) boots() []string {
	if len(o.Boot) == 0 {
		return []string{firmwareBIOS, firmwareUEFI}
	}
	return o.Boot
}

// diskImage is a disk as the image's record has it.
func (o Output) diskImage(path string, digest image.Digest, size, room int64) image.Disk {
	return image.Disk{Path: path, Format: o.Format, Digest: digest, Size: size, Room: room, Boot: o.boots()}
}
