package ec2

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ChrootConfig is a source block of type amazon-chroot.
type ChrootConfig struct {
	Access
	AMI
	Boot
	SourceAMI         string          `opt:"source_ami" doc:"AMI whose root volume to start from."`
	SourceAMIFilter   ImageFilter     `opt:"source_ami_filter" doc:"The AMI by what is known of it."`
	FromScratch       bool            `opt:"from_scratch" doc:"Start from an empty volume."`
	AMIDevices        []Device        `opt:"ami_block_device_mappings" doc:"Block devices of machines that start from the AMI."`
	RootDeviceName    string          `opt:"root_device_name" doc:"Which of them is the root device, such as xvda."`
	RootVolumeSize    int64           `opt:"root_volume_size" doc:"Size of the root volume in GiB; that of the source when not given."`
	RootVolumeType    string          `opt:"root_volume_type" doc:"Type of the root volume; that of the source when not given."`
	RootVolumeTags    Tags            `opt:"root_volume_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the root volume."`
	RootVolumeTag     []KeyValue      `opt:"root_volume_tag" doc:"The same as a block for each tag."`
	RootVolumeEncrypt *bool           `opt:"root_volume_encrypt_boot" doc:"Encrypt the root volume, or do not."`
	RootVolumeKMSKey  string          `opt:"root_volume_kms_key_id" doc:"Key to encrypt it with."`
	DevicePath        string          `opt:"device_path" doc:"Device to attach the volume as; a free one when not given."`
	NVMeDevicePath    string          `opt:"nvme_device_path" doc:"Device that it appears as on machines with NVMe."`
	MountPath         template.Late   `opt:"mount_path" fields:"Device" default:"/mnt/packer-amazon-chroot-volumes/{{.Device}}" doc:"Directory to mount it on; {{.Device}} is the device's name."`
	MountPartition    string          `opt:"mount_partition" default:"1" doc:"Partition to mount; 0 is the whole volume."`
	MountOptions      []string        `opt:"mount_options" doc:"Options of the mount."`
	ChrootMounts      [][]string      `opt:"chroot_mounts" doc:"What is mounted below, each as type, source, directory; proc, sysfs, /dev, devpts and binfmt_misc when not given."`
	CopyFiles         []string        `opt:"copy_files" doc:"Files of the host that are copied in while it is provisioned; /etc/resolv.conf when not given."`
	CommandWrapper    template.Late   `opt:"command_wrapper" fields:"Command" default:"{{.Command}}" doc:"How commands run on the host; {{.Command}} is the command."`
	PreMountCommands  []template.Late `opt:"pre_mount_commands" fields:"Device" doc:"Commands before the mount; {{.Device}} is the device."`
	PostMountCommands []template.Late `opt:"post_mount_commands" fields:"Device MountPath" doc:"Commands after the mount; {{.Device}} is the device, {{.MountPath}} the directory."`
}

// Boot says how machines start from an image that is registered from snapshots.
type Boot struct {
	Architecture string `opt:"ami_architecture" default:"x86_64" doc:"arm64, arm64_mac, i386, x86_64 or x86_64_mac."`
	BootMode     string `opt:"boot_mode" doc:"legacy-bios, uefi or uefi-preferred; as the architecture wants it when not given."`
	UEFIData     string `opt:"uefi_data" doc:"Contents of the UEFI variable store in base64."`
	TPM          string `opt:"tpm_support" doc:"v2.0: machines of the AMI have a TPM."`
}

func (b Boot) check() error {
	errs := []error{
		template.OneOf("ami_architecture", b.Architecture, "arm64", "arm64_mac", "i386", "x86_64", "x86_64_mac"),
		checkTPM(b.TPM), checkBootMode(b.BootMode),
	}
	switch {
	case b.UEFIData == "":
	case b.BootMode == bios:
		errs = append(errs, template.At("uefi_data", errors.New("needs boot_mode uefi, not legacy-bios")))
	case b.BootMode == "" && b.Architecture != "arm64":
		errs = append(errs, template.IfKnown(template.At("uefi_data", fmt.Errorf("needs boot_mode uefi: that of %s is legacy-bios", b.Architecture)), "boot_mode", "ami_architecture"))
	}
	return errors.Join(errs...)
}

const (
	bios = "legacy-bios"
	uefi = "uefi"
)

func checkBootMode(mode string) error {
	return template.OneOf("boot_mode", mode, bios, uefi, "uefi-preferred")
}

// Chroot makes AMIs on a machine of EC2, from a volume that is attached to it.
func Chroot() template.Kind[machine.Builder] {
	return cleaned(template.Valid[machine.Builder]("amazon-chroot", "AMIs from a volume that is attached to the EC2 machine this runs on", func(c ChrootConfig) error {
		errs := []error{c.Access.check(), c.AMI.check(), c.Boot.check(), checkDevices("ami_block_device_mappings", c.AMIDevices)}
		for _, m := range c.ChrootMounts {
			if len(m) != 3 {
				errs = append(errs, template.At("chroot_mounts", fmt.Errorf("%q is not of the form type, source, directory", m)))
			}
		}
		if c.FromScratch {
			return errors.Join(append(errs, c.checkScratch())...)
		}
		return errors.Join(append(errs, c.checkSource())...)
	}))
}

func (c ChrootConfig) checkScratch() error {
	var errs []error
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"root_volume_size", c.RootVolumeSize != 0}, {"pre_mount_commands", len(c.PreMountCommands) > 0},
		{"ami_virtualization_type", c.Virtualization != ""}, {"root_device_name", c.RootDeviceName != ""},
		{"ami_block_device_mappings", len(c.AMIDevices) > 0},
	} {
		if !o.given {
			errs = append(errs, template.Missing(o.name))
		}
	}
	if c.SourceAMI != "" {
		errs = append(errs, template.Warning(template.At("source_ami", errors.New("has no effect with from_scratch"))))
	}
	if c.SourceAMIFilter.given() {
		errs = append(errs, template.Warning(template.At("source_ami_filter", errors.New("has no effect with from_scratch"))))
	}
	return template.IfKnown(errors.Join(errs...), "from_scratch")
}

func (c ChrootConfig) checkSource() error {
	var errs []error
	if c.SourceAMI == "" && !c.SourceAMIFilter.given() {
		errs = append(errs, template.Missing("source_ami", "source_ami_filter"))
	}
	switch devices := len(c.AMIDevices) > 0; {
	case devices && c.RootDeviceName == "":
		errs = append(errs, template.IfKnown(template.At("ami_block_device_mappings", errors.New("needs root_device_name, which says which is the root device")), "root_device_name"))
	case devices && c.RootVolumeSize == 0:
		errs = append(errs, template.IfKnown(template.At("ami_block_device_mappings", errors.New("needs root_volume_size")), "root_volume_size"))
	case !devices && c.RootDeviceName != "":
		errs = append(errs, template.IfKnown(template.At("root_device_name", errors.New("needs ami_block_device_mappings")), "ami_block_device_mappings"))
	}
	if c.RootVolumeKMSKey != "" && c.RootVolumeEncrypt != nil {
		if *c.RootVolumeEncrypt {
			errs = append(errs, template.At("root_volume_kms_key_id", checkKey(c.RootVolumeKMSKey)))
		} else {
			errs = append(errs, template.At("root_volume_kms_key_id", errors.New("needs root_volume_encrypt_boot = true")))
		}
	}
	return template.IfKnown(errors.Join(errs...), "from_scratch")
}
