package hyperv

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the kind of machines that are installed from a medium.
func ISO() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("hyperv-iso", "machines of Hyper-V, installed from a medium or a disk", ISOConfig.Check)
}

// VMCX is the kind of machines that are cloned from others.
func VMCX() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("hyperv-vmcx", "machines of Hyper-V, cloned from others", VMCXConfig.Check)
}

// ISOConfig is a source block of type hyperv-iso.
type ISOConfig struct {
	install.ISO
	DiskSize         int  `opt:"disk_size" default:"40960" doc:"Size of the disk in MiB, 256 to 67108864."`
	LegacyNetwork    bool `opt:"use_legacy_network_adapter" default:"false" doc:"Give a machine of generation 1 a network card that it can boot from."`
	DifferencingDisk bool `opt:"differencing_disk" default:"false" doc:"Keep only what differs from the disk in iso_url."`
	FixedVHD         bool `opt:"use_fixed_vhd_format" default:"false" doc:"Make a VHD disk of full size, for generation 1."`
	Common
}

// Sizes of disks in MiB.
const (
	leastDisk = 256
	mostDisk  = 64 << 20
	mostVHD   = 2040 << 10
)

// Check validates what tags cannot say.
func (c ISOConfig) Check() error {
	errs := []error{c.ISO.Check(), c.Common.Check()}
	if !c.isDisk() {
		most := mostDisk
		if c.FixedVHD {
			most = mostVHD
		}
		errs = append(errs, install.Within("disk_size", c.DiskSize, leastDisk, most))
	}
	if c.generation() == 2 && c.LegacyNetwork {
		errs = append(errs, at("use_legacy_network_adapter", "machines of generation 2 have none", "generation"))
	}
	if c.FixedVHD {
		switch {
		case c.generation() > 1:
			errs = append(errs, at("use_fixed_vhd_format", "machines of generation 2 take no VHD disks", "generation"))
		case c.DifferencingDisk:
			errs = append(errs, at("use_fixed_vhd_format", "a disk of full size cannot be a differencing_disk", "differencing_disk"))
		}
		if !c.SkipCompaction {
			errs = append(errs, at("use_fixed_vhd_format", "a disk of full size cannot be compacted: set skip_compaction", "skip_compaction"))
		}
	}
	return errors.Join(errs...)
}

// isDisk tells whether what is downloaded is a disk.
func (c ISOConfig) isDisk() bool {
	place := c.URL
	if place == "" && len(c.URLs) > 0 {
		place = c.URLs[0]
	}
	ext := strings.ToLower(path.Ext(place))
	return ext == ".vhd" || ext == ".vhdx"
}

// at is an error of an option that rests on others.
func at(option, text string, others ...string) error {
	return template.IfKnown(template.At(option, errors.New(text)), others...)
}

// VMCXConfig is a source block of type hyperv-vmcx.
type VMCXConfig struct {
	install.ISO
	DiskSize         *int   `opt:"disk_size" doc:"Size of the disk in MiB; that of the clone by default."`
	FromPath         string `opt:"clone_from_vmcx_path" doc:"Directory of an exported machine to clone."`
	FromName         string `opt:"clone_from_vm_name" doc:"Name of a machine to clone."`
	FromSnapshot     string `opt:"clone_from_snapshot_name" doc:"Snapshot of the machine to clone; its present state by default."`
	AllSnapshots     bool   `opt:"clone_all_snapshots" default:"false" doc:"Clone the snapshots too."`
	DifferencingDisk bool   `opt:"differencing_disk" default:"false" doc:"Keep only what differs from the disk of the clone's origin."`
	CompareCopy      bool   `opt:"copy_in_compare" default:"false" doc:"Copy the machine before it is compared with what Hyper-V can import."`
	Common
}

// Check validates what tags cannot say.
func (c VMCXConfig) Check() error {
	errs := []error{c.ISO.CheckIfGiven(), c.Common.Check()}
	if c.FromName == "" && c.FromPath == "" {
		errs = append(errs, template.Missing("clone_from_vm_name", "clone_from_vmcx_path"))
	}
	if strings.HasSuffix(strings.ToLower(c.FromPath), ".vmcx") && !strings.Contains(c.FromPath, "Virtual Machines") {
		errs = append(errs, template.At("clone_from_vmcx_path", fmt.Errorf("%q is a file: give the directory that the machine was exported to", c.FromPath)))
	} else {
		errs = append(errs, checkPath("clone_from_vmcx_path", c.FromPath))
	}
	if c.DiskSize != nil {
		errs = append(errs, install.Within("disk_size", *c.DiskSize, leastDisk, mostDisk))
	}
	return errors.Join(errs...)
}

// Common is what the kinds share.
type Common struct {
	install.HTTP
	install.Floppy
	install.CD
	install.Boot
	install.Output
	install.Shutdown
	connect.Config
	Hardware
	Network
	Drives
	VMName          string `opt:"vm_name" doc:"Name of the machine; packer-NAME by default."`
	TempPath        string `opt:"temp_path" doc:"Directory of this host for what is made on the way."`
	Version         string `opt:"configuration_version" doc:"Version of the machine's configuration; the newest by default."`
	Headless        bool   `opt:"headless" default:"false" doc:"Open no window for the machine."`
	DisableShutdown bool   `opt:"disable_shutdown" default:"false" doc:"Wait for the machine to stop by itself."`
	KeepRegistered  bool   `opt:"keep_registered" default:"false" doc:"Leave the machine registered after the build."`
	SkipCompaction  bool   `opt:"skip_compaction" default:"false" doc:"Leave the disk as large as it has become."`
	SkipExport      bool   `opt:"skip_export" default:"false" doc:"Do not export the machine."`
}

// Check validates what tags cannot say.
func (c Common) Check() error {
	errs := []error{
		c.HTTP.Check(), c.Floppy.Check(), c.CD.Check(),
		c.Boot.Check(install.HTTPIP, install.HTTPPort, install.Name),
		c.Config.Check(connect.Rules{}),
		c.Hardware.Check(), c.Network.Check(), c.Drives.Check(c.generation()),
	}
	if c.generation() == 2 && (len(c.Floppy.Files) > 0 || len(c.Directories) > 0) {
		errs = append(errs, at("generation", "machines of generation 2 have no floppy drive: use cd_files", "floppy_files", "floppy_dirs"))
	}
	if c.Virtualization {
		errs = append(errs, template.Warning(c.nested()))
	}
	if !c.DisableShutdown {
		errs = append(errs, c.Shutdown.Check())
	}
	return errors.Join(errs...)
}

// nested says what a machine that runs machines itself lacks.
func (c Common) nested() error {
	var errs []error
	if c.DynamicMemory {
		errs = append(errs, template.At("enable_dynamic_memory", errors.New("a machine with virtualization extensions does without it")))
	}
	if !c.MACSpoofing {
		errs = append(errs, at("enable_virtualization_extensions", "machines inside this one have no network without enable_mac_spoofing", "enable_mac_spoofing"))
	}
	if c.Memory < 4<<10 {
		errs = append(errs, at("enable_virtualization_extensions", "machines inside this one want memory of 4096 at least", "memory"))
	}
	return errors.Join(errs...)
}
