package virtualbox

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISOConfig is a source block of type virtualbox-iso.
type ISOConfig struct {
	install.ISO
	VMName      string `opt:"vm_name" doc:"Name of the machine while it is built and of the result; packer-NAME-TIME by default."`
	GuestOSType string `opt:"guest_os_type" default:"Other" doc:"System that is installed, as VBoxManage list ostypes names it."`
	BundleISO   bool   `opt:"bundle_iso" default:"false" doc:"Leave the medium in the exported machine."`
	Hardware
	Board
	Disks
	Common
}

// Check validates what tags cannot say.
func (c ISOConfig) Check() error {
	return errors.Join(c.ISO.Check(), c.Hardware.Check(), c.Board.Check(), c.Disks.Check(), c.Common.Check())
}

// Board is the devices of the machine.
type Board struct {
	Chipset       string `opt:"chipset" default:"piix3" doc:"piix3, ich9, armv8 or armv8virtual."`
	Firmware      string `opt:"firmware" default:"bios" doc:"bios or efi."`
	NestedVirt    *bool  `opt:"nested_virt" doc:"Let the machine run machines itself."`
	RTCTimeBase   string `opt:"rtc_time_base" default:"local" doc:"What the machine's clock shows: UTC or local."`
	NICType       string `opt:"nic_type" default:"82540EM" doc:"Network card: 82540EM, 82543GC, 82545EM, Am79C970A, Am79C973, Am79C960, virtio or usbnet."`
	Audio         string `opt:"audio_controller" default:"ac97" doc:"Sound card: ac97, hda, sb16 or none."`
	USBController string `opt:"usb_controller" default:"ehci" doc:"USB controller when there is one: ohci, ehci, xhci or none."`
	Mouse         string `opt:"mouse" default:"ps2" doc:"ps2, usb, usbtablet or usbmultitouch."`
	Keyboard      string `opt:"keyboard" default:"ps2" doc:"ps2 or usb."`
	Graphics      string `opt:"gfx_controller" doc:"Graphics card: vboxvga, vboxsvga, vmsvga, qemuramfb or none; VirtualBox chooses by default."`
	VRAM          int    `opt:"gfx_vram_size" default:"4" doc:"Memory of the graphics card in MiB, 1 to 128."`
	Accelerate3D  bool   `opt:"gfx_accelerate_3d" default:"false" doc:"Let this host draw what is three-dimensional."`
	EFIResolution string `opt:"gfx_efi_resolution" doc:"Size of the screen under EFI, such as 1920x1080."`
}

// Check validates what tags cannot say.
func (c Board) Check() error {
	errs := []error{
		template.OneOf("chipset", c.Chipset, "piix3", "ich9", "armv8", "armv8virtual"),
		template.OneOf("firmware", c.Firmware, "bios", "efi"),
		template.OneOf("rtc_time_base", c.RTCTimeBase, "UTC", "local"),
		template.OneOf("nic_type", c.NICType, "82540EM", "82543GC", "82545EM", "Am79C970A", "Am79C973", "Am79C960", "virtio", "usbnet"),
		template.OneOf("audio_controller", c.Audio, "ac97", "hda", "sb16", "none"),
		template.OneOf("usb_controller", c.USBController, "ohci", "ehci", "xhci", "none"),
		template.OneOf("mouse", c.Mouse, "ps2", "usb", "usbtablet", "usbmultitouch"),
		template.OneOf("keyboard", c.Keyboard, "ps2", "usb"),
		template.OneOf("gfx_controller", c.Graphics, "vboxvga", "vboxsvga", "vmsvga", "qemuramfb", "none"),
		install.Within("gfx_vram_size", c.VRAM, 1, 128),
	}
	if c.EFIResolution != "" && !isResolution(c.EFIResolution) {
		errs = append(errs, template.At("gfx_efi_resolution", fmt.Errorf("%q is no size of a screen: write WIDTHxHEIGHT, such as 1920x1080", c.EFIResolution)))
	}
	return errors.Join(errs...)
}

func isResolution(s string) bool {
	isNumber := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	width, height, ok := strings.Cut(s, "x")
	return ok && isNumber(width) && isNumber(height)
}

// Disks are the machine's disks and drives.
type Disks struct {
	Size          int    `opt:"disk_size" default:"40000" doc:"Size of the disk in MiB."`
	Additional    []int  `opt:"disk_additional_size" doc:"Sizes of more disks in MiB."`
	Interface     string `opt:"hard_drive_interface" default:"ide" doc:"Controller of the disk: ide, sata, scsi, pcie or virtio."`
	Discard       bool   `opt:"hard_drive_discard" default:"false" doc:"Let the disk shrink when the machine discards blocks."`
	Nonrotational bool   `opt:"hard_drive_nonrotational" default:"false" doc:"Tell the machine that the disk does not rotate."`
	SATAPorts     int    `opt:"sata_port_count" default:"1" doc:"Ports of the SATA controller, 30 at most."`
	NVMePorts     int    `opt:"nvme_port_count" default:"1" doc:"Ports of the NVMe controller, 255 at most."`
	ISOInterface  string `opt:"iso_interface" default:"ide" doc:"Controller of the medium: ide, sata or virtio."`
}

// Check validates what tags cannot say.
func (c Disks) Check() error {
	errs := []error{
		install.AtLeast("disk_size", c.Size, 0),
		template.OneOf("hard_drive_interface", c.Interface, "ide", "sata", "scsi", "pcie", "virtio"),
		install.AtMost("sata_port_count", c.SATAPorts, 30),
		install.AtMost("nvme_port_count", c.NVMePorts, 255),
		template.OneOf("iso_interface", c.ISOInterface, "ide", "sata", "virtio"),
	}
	for i, size := range c.Additional {
		errs = append(errs, install.AtLeast(fmt.Sprintf("disk_additional_size[%d]", i), size, 0))
	}
	return errors.Join(errs...)
}
