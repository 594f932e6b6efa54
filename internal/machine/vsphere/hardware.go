package vsphere

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	CPUs              int         `opt:"CPUs" doc:"Number of processors."`
	Cores             int         `opt:"cpu_cores" doc:"Cores of each processor."`
	CPUReservation    int         `opt:"CPU_reservation" doc:"Processor time in MHz that is kept for the machine."`
	CPULimit          int         `opt:"CPU_limit" doc:"Processor time in MHz that the machine may use; -1 sets no limit."`
	CPUHotPlug        bool        `opt:"CPU_hot_plug" default:"false" doc:"Let processors be added while the machine runs."`
	RAM               int         `opt:"RAM" doc:"Memory in MiB."`
	RAMReservation    int         `opt:"RAM_reservation" doc:"Memory in MiB that is kept for the machine."`
	RAMReserveAll     bool        `opt:"RAM_reserve_all" default:"false" doc:"Keep all memory for the machine."`
	RAMHotPlug        bool        `opt:"RAM_hot_plug" default:"false" doc:"Let memory be added while the machine runs."`
	VideoRAM          int         `opt:"video_ram" doc:"Memory of the graphics card in KiB; 4096 by default."`
	Displays          int         `opt:"displays" doc:"Number of screens; 1 by default."`
	PassthroughDevice []PCIDevice `opt:"pci_passthrough_allowed_device" doc:"PCI devices of hosts, any of which the machine may be given."`
	VGPU              string      `opt:"vgpu_profile" doc:"Profile of the virtual GPU."`
	NestedHV          bool        `opt:"NestedHV" default:"false" doc:"Let the machine run machines itself."`
	Firmware          string      `opt:"firmware" doc:"bios, efi or efi-secure; what vSphere recommends by default."`
	ForceBIOSSetup    bool        `opt:"force_bios_setup" default:"false" doc:"Enter the setup of the firmware at the first start."`
	TPM               bool        `opt:"vTPM" default:"false" doc:"Give the machine a TPM; needs EFI."`
	PrecisionClock    string      `opt:"precision_clock" default:"none" doc:"Precise clock: ptp, ntp or none."`
}

// PCIDevice is a pci_passthrough_allowed_device block.
type PCIDevice struct {
	Vendor    string `opt:"vendor_id" doc:"Vendor id."`
	Device    string `opt:"device_id" doc:"Device id."`
	SubVendor string `opt:"sub_vendor_id" doc:"Subsystem's vendor id."`
	SubDevice string `opt:"sub_device_id" doc:"Subsystem's device id."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	errs := []error{
		template.OneOf("firmware", c.Firmware, "bios", "efi", "efi-secure"),
		template.OneOf("precision_clock", c.PrecisionClock, "ptp", "ntp", "none"),
	}
	if c.RAMReservation > 0 && c.RAMReserveAll {
		errs = append(errs, template.At("RAM_reservation", errors.New("give either RAM_reservation or RAM_reserve_all, not both")))
	}
	if c.TPM && c.Firmware != "efi" && c.Firmware != "efi-secure" {
		errs = append(errs, template.IfKnown(template.At("vTPM", errors.New("it needs the firmware efi or efi-secure")), "firmware"))
	}
	return errors.Join(errs...)
}

// Guest is settings of the machine beside its hardware.
type Guest struct {
	Parameters       map[string]string `opt:"configuration_parameters" doc:"Lines of the machine's configuration, by key."`
	SyncTime         *bool             `opt:"tools_sync_time" doc:"Set the clock by the host when the machine starts or resumes."`
	SyncPeriodically *bool             `opt:"tools_sync_time_periodically" doc:"Set the clock by the host again and again."`
	UpgradeTools     bool              `opt:"tools_upgrade_policy" default:"false" doc:"Upgrade VMware Tools when the machine starts."`
	BasedSecurity    bool              `opt:"vbs_enabled" default:"false" doc:"Allow security of Windows that rests on virtualization."`
	IOMMU            bool              `opt:"vvtd_enabled" default:"false" doc:"Give the machine an IOMMU."`
}

// Check validates what tags cannot say.
func (c Guest) Check(h Hardware) error {
	var errs []error
	if c.SyncPeriodically != nil && *c.SyncPeriodically && (c.SyncTime == nil || !*c.SyncTime) {
		errs = append(errs, template.IfKnown(template.At("tools_sync_time_periodically", errors.New("it needs tools_sync_time")), "tools_sync_time"))
	}
	if !c.BasedSecurity {
		return errors.Join(errs...)
	}
	for _, need := range []struct {
		option, text string
		ok           bool
	}{
		{"vvtd_enabled", "it needs vvtd_enabled", c.IOMMU},
		{"NestedHV", "it needs NestedHV", h.NestedHV},
		{"firmware", "it needs the firmware efi-secure", h.Firmware == "efi-secure"},
	} {
		if !need.ok {
			errs = append(errs, template.IfKnown(template.At("vbs_enabled", errors.New(need.text)), need.option))
		}
	}
	return errors.Join(errs...)
}

// Drives are the machine's drives.
type Drives struct {
	CDROM      string   `opt:"cdrom_type" doc:"Bus of the CD drives: ide or sata; ide by default."`
	ISOPaths   []string `opt:"iso_paths" doc:"Media that vSphere has: [datastore] path, or library/item/file."`
	Remove     bool     `opt:"remove_cdrom" default:"false" doc:"Remove the CD drives from the result."`
	Reattach   int      `opt:"reattach_cdroms" doc:"Number of empty CD drives of the result, 0 to 4; 0 leaves them as they are."`
	FloppyPath string   `opt:"floppy_img_path" doc:"Floppy disk that vSphere has: [datastore] path."`
}

// Check validates what tags cannot say.
func (c Drives) Check() error {
	return errors.Join(
		template.OneOf("cdrom_type", c.CDROM, "ide", "sata"),
		install.AtLeast("reattach_cdroms", c.Reattach, 0), install.AtMost("reattach_cdroms", c.Reattach, 4))
}

// Storage is the machine's disks.
type Storage struct {
	Controllers []string `opt:"disk_controller_type" doc:"Controllers of the disks: lsilogic, lsilogic-sas, pvscsi, nvme, scsi or sata; lsilogic by default."`
	Disks       []Disk   `opt:"storage" doc:"Disks."`
}

// Disk is a storage block.
type Disk struct {
	Size       int  `opt:"disk_size" doc:"Size in MiB."`
	Thin       bool `opt:"disk_thin_provisioned" default:"false" doc:"Take space on the datastore when it is used."`
	Scrub      bool `opt:"disk_eagerly_scrub" default:"false" doc:"Write zeroes to the disk when it is made."`
	Controller int  `opt:"disk_controller_index" default:"0" doc:"Index of its controller in disk_controller_type."`
}

// Check validates the disks. There are as many controllers as the least number says,
// even when none is given.
func (c Storage) Check(least int) error {
	var errs []error
	for i, d := range c.Disks {
		in := fmt.Sprintf("storage[%d].", i)
		if d.Size == 0 {
			errs = append(errs, template.Missing(in+"disk_size"))
		}
		errs = append(errs, install.AtLeast(in+"disk_size", d.Size, 0), install.AtLeast(in+"disk_controller_index", d.Controller, 0))
		if n := max(len(c.Controllers), least); d.Controller >= n {
			errs = append(errs, template.IfKnown(
				template.At(in+"disk_controller_index", fmt.Errorf("disk_controller_type has %d controllers, so that there is none with index %d", n, d.Controller)), "disk_controller_type"))
		}
	}
	return errors.Join(errs...)
}
