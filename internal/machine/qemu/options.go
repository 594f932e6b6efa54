package qemu

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	Memory    int    `opt:"memory" default:"512" doc:"Memory in MiB."`
	CPUs      int    `opt:"cpus" doc:"Number of processors; as many as sockets, cores and threads make by default."`
	Sockets   int    `opt:"sockets" doc:"Number of sockets."`
	Cores     int    `opt:"cores" doc:"Cores of each socket."`
	Threads   int    `opt:"threads" doc:"Threads of each core."`
	CPUModel  string `opt:"cpu_model" doc:"Processor that the machine sees; host or what QEMU chooses by default."`
	Machine   string `opt:"machine_type" default:"pc" doc:"Kind of machine, such as pc, q35 or virt."`
	NetDevice string `opt:"net_device" default:"virtio-net" doc:"Network card."`
	NetBridge string `opt:"net_bridge" doc:"Bridge of this host that the card is connected to, instead of the network that QEMU makes."`
	TPM       bool   `opt:"vtpm" default:"false" doc:"Give the machine a TPM, by swtpm."`
	TPM1      bool   `opt:"use_tpm1" default:"false" doc:"Make it a TPM 1.2 instead of 2.0."`
	TPMDevice string `opt:"tpm_device_type" default:"tpm-tis" doc:"Device of the TPM."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	return errors.Join(
		install.AtLeast("cpus", c.CPUs, 0), install.AtLeast("sockets", c.Sockets, 0),
		install.AtLeast("cores", c.Cores, 0), install.AtLeast("threads", c.Threads, 0))
}

// Firmware is what the machine starts with.
type Firmware struct {
	File     string `opt:"firmware" doc:"Firmware file for -bios, or with use_pflash for a flash drive."`
	PFlash   bool   `opt:"use_pflash" default:"false" doc:"Put the firmware into a flash drive."`
	EFI      bool   `opt:"efi_boot" default:"false" doc:"Start with UEFI."`
	EFICode  string `opt:"efi_firmware_code" doc:"Code of UEFI; OVMF_CODE.fd, or else OVMF_CODE_4M.fd, in /usr/share/OVMF by default."`
	EFIVars  string `opt:"efi_firmware_vars" doc:"Fresh variables of UEFI; those that go with the code by default."`
	DropVars bool   `opt:"efi_drop_efivars" default:"false" doc:"Do not keep the variables beside the result."`
}

// Disks are the machine's disks.
type Disks struct {
	Size           string   `opt:"disk_size" doc:"Size of the disk, with the unit k, M, G or T; mebibytes without one. 40960M by default, and with parent the size of its disk."`
	Additional     []string `opt:"disk_additional_size" doc:"Sizes of more disks."`
	Format         string   `opt:"format" default:"qcow2" doc:"Format of the result: qcow2 or raw."`
	Image          bool     `opt:"disk_image" default:"false" doc:"What is downloaded is a disk to start from."`
	Backing        bool     `opt:"use_backing_file" default:"false" doc:"Keep only what differs from that disk; for qcow2."`
	SkipResize     bool     `opt:"skip_resize_disk" default:"false" doc:"Leave that disk at its size."`
	SkipCompaction bool     `opt:"skip_compaction" default:"false" doc:"Leave the disk as large as it has become."`
	Compression    bool     `opt:"disk_compression" default:"false" doc:"Compress the result; for qcow2."`
	Interface      string   `opt:"disk_interface" default:"virtio" doc:"Bus of the disks: ide, sata, scsi, sd, virtio or virtio-scsi."`
	CDROM          string   `opt:"cdrom_interface" doc:"Bus of the medium; ide, or on virt virtio-scsi by default."`
	Cache          string   `opt:"disk_cache" default:"writeback" doc:"How writes are cached: writethrough, writeback, none, unsafe or directsync."`
	Discard        string   `opt:"disk_discard" default:"ignore" doc:"What becomes of blocks that the machine discards: unmap or ignore."`
	DetectZeroes   string   `opt:"disk_detect_zeroes" default:"off" doc:"What becomes of zeroes that the machine writes: unmap, on or off."`
	ImgArgs        ImgArgs  `opt:"qemu_img_args" doc:"More arguments of qemu-img."`
}

// ImgArgs is a qemu_img_args block.
type ImgArgs struct {
	Convert []string `opt:"convert" doc:"For qemu-img convert."`
	Create  []string `opt:"create" doc:"For qemu-img create."`
	Resize  []string `opt:"resize" doc:"For qemu-img resize."`
}

// Check validates what tags cannot say.
func (c Disks) Check() error {
	errs := []error{
		template.OneOf("format", c.Format, "qcow2", "raw"),
		template.OneOf("disk_interface", c.Interface, "ide", "sata", "scsi", "sd", "virtio", "virtio-scsi"),
		template.OneOf("disk_cache", c.Cache, "writethrough", "writeback", "none", "unsafe", "directsync"),
		template.OneOf("disk_discard", c.Discard, "unmap", "ignore"),
		template.OneOf("disk_detect_zeroes", c.DetectZeroes, "unmap", "on", "off"),
	}
	size := func(option, text string) {
		if text != "" {
			_, err := install.ParseSize(text)
			errs = append(errs, template.At(option, err))
		}
	}
	size("disk_size", c.Size)
	for i, text := range c.Additional {
		size(fmt.Sprintf("disk_additional_size[%d]", i), text)
	}
	if c.Backing && (!c.Image || c.Format != "qcow2") {
		errs = append(errs, template.IfKnown(template.At("use_backing_file", errors.New("it needs disk_image, and the format qcow2")), "disk_image", "format"))
	}
	if c.SkipResize && !c.Image {
		errs = append(errs, template.IfKnown(template.At("skip_resize_disk", errors.New("it needs disk_image: a new disk has no size")), "disk_image"))
	}
	return errors.Join(errs...)
}

// Screen is how the screen of the machine is seen.
type Screen struct {
	Headless    bool   `opt:"headless" default:"false" doc:"Open no window for the machine."`
	Display     string `opt:"display" doc:"What QEMU shows the screen with: gtk, sdl, cocoa, none …"`
	UseDefault  bool   `opt:"use_default_display" default:"false" doc:"Leave that to QEMU."`
	VGA         string `opt:"vga" doc:"Graphics card."`
	BindAddress string `opt:"vnc_bind_address" default:"127.0.0.1" doc:"Address that VNC listens on."`
	PortMin     int    `opt:"vnc_port_min" default:"5900" doc:"Lowest port for VNC, 5900 at least."`
	PortMax     int    `opt:"vnc_port_max" default:"6000" doc:"Highest port for VNC."`
	UsePassword bool   `opt:"vnc_use_password" default:"false" doc:"Protect VNC with a password."`
	Password    string `opt:"vnc_password" doc:"That password; a random one by default."`
}

// Check validates what tags cannot say.
func (c Screen) Check() error {
	return install.CheckPorts("vnc_port_min", c.PortMin, "vnc_port_max", c.PortMax, 5900)
}

// Emulator is how QEMU is run.
type Emulator struct {
	Accelerator string            `opt:"accelerator" doc:"kvm, tcg, xen, hax, hvf, whpx or none; kvm where this host has it, else tcg, by default."`
	Binary      string            `opt:"qemu_binary" default:"qemu-system-x86_64" doc:"Program to run."`
	Args        [][]template.Late `opt:"qemuargs" doc:"Arguments, as pairs of a name and a value, each in place of all that are made of that name; {{.Name}}, {{.OutputDir}}, {{.HTTPIP}}, {{.HTTPPort}}, {{.HTTPDir}} and {{.SSHHostPort}} are the build's."`
	QMP         bool              `opt:"qmp_enable" default:"false" doc:"Offer QMP on a socket."`
	QMPSocket   string            `opt:"qmp_socket_path" doc:"That socket; NAME.monitor in output_directory by default."`
}

// Check validates what tags cannot say.
func (c Emulator) Check() error {
	errs := []error{
		template.OneOf("accelerator", c.Accelerator, "none", "kvm", "tcg", "xen", "hax", "hvf", "whpx"),
		install.CheckCommands("qemuargs", c.Args, install.Name, "OutputDir", install.HTTPIP, install.HTTPPort, "HTTPDir", "HTTPContent", "SSHHostPort"),
	}
	for i, a := range c.Args {
		at := fmt.Sprintf("qemuargs[%d]", i)
		switch {
		case len(a) == 0:
			errs = append(errs, template.Warning(template.At(at, errors.New("it is empty: give a name, and a value"))))
		case detaches(a[0].Text()):
			errs = append(errs, template.At(at, errDetaches))
		}
	}
	return errors.Join(errs...)
}

// detaches tells whether an argument has QEMU leave whoever has started it.
func detaches(argument string) bool { return strings.TrimLeft(argument, "-") == "daemonize" }

var errDetaches = errors.New("-daemonize would leave a machine behind that nobody ends: take it away, no build waits for QEMU's end")
