package ec2

import (
	"errors"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// SurrogateConfig is a source block of type amazon-ebssurrogate.
type SurrogateConfig struct {
	Access
	AMI
	Run
	Boot
	VolumeTags
	RootDevice          RootDevice        `opt:"ami_root_device,required" doc:"Volume that becomes the root device of the AMI."`
	AMIDevices          []Device          `opt:"ami_block_device_mappings" doc:"Block devices of machines that start from the AMI."`
	LaunchDevices       []SurrogateDevice `opt:"launch_block_device_mappings" doc:"Block devices of the machine that is provisioned."`
	SnapshotDescription string            `opt:"snapshot_description" doc:"Description of the snapshots."`
	SkipRunTags         bool              `opt:"skip_ami_run_tags" doc:"Do not give the AMI the tags of run_tags."`
	UseCreateImage      bool              `opt:"use_create_image" doc:"Swap the root volume and make the AMI of the machine, which keeps product codes."`
}

// RootDevice is the root device of an AMI that is registered from snapshots.
type RootDevice struct {
	SourceDeviceName    string `opt:"source_device_name" doc:"Name that the volume has in launch_block_device_mappings."`
	DeviceName          string `opt:"device_name" doc:"Name that it has in the AMI."`
	DeleteOnTermination bool   `opt:"delete_on_termination" doc:"The volume goes with its machine."`
	IOPS                int64  `opt:"iops" doc:"Provisioned operations per second."`
	VolumeType          string `opt:"volume_type" doc:"Type of the volume."`
	VolumeSize          int64  `opt:"volume_size" doc:"Size in GiB."`
}

// SurrogateDevice is a block device of the machine.
type SurrogateDevice struct {
	Device
	Omit bool `opt:"omit_from_artifact" doc:"Leave it out of the AMI."`
}

// Surrogate makes AMIs of a volume that a machine prepares beside its own root.
func Surrogate() template.Kind[machine.Builder] {
	return cleaned(template.Valid[machine.Builder]("amazon-ebssurrogate", "AMIs from a volume that a machine on EC2 prepares", func(c SurrogateConfig) error {
		errs := []error{c.Access.check(), c.AMI.check(), c.Run.check(), c.Boot.check(), checkDevices("ami_block_device_mappings", c.AMIDevices), c.checkRoot()}
		for i, d := range c.LaunchDevices {
			errs = append(errs, d.check("launch_block_device_mappings", i))
		}
		if c.Virtualization == "" {
			errs = append(errs, template.Missing("ami_virtualization_type"))
		}
		return errors.Join(errs...)
	}))
}

func (c SurrogateConfig) checkRoot() error {
	const name = "ami_root_device.source_device_name"
	var errs []error
	r := c.RootDevice
	if r.DeviceName == "" {
		errs = append(errs, template.Missing("ami_root_device.device_name"))
	}
	if r.VolumeType == "gp2" && r.IOPS != 0 {
		errs = append(errs, template.At("ami_root_device.iops", errors.New("is not for gp2 volumes")))
	}
	for option, n := range map[string]int64{"iops": r.IOPS, "volume_size": r.VolumeSize} {
		if n < 0 {
			errs = append(errs, template.At("ami_root_device."+option, fmt.Errorf("%d is too small", n)))
		}
	}
	if r.SourceDeviceName == "" {
		return errors.Join(append(errs, template.Missing(name))...)
	}
	i := slices.IndexFunc(c.LaunchDevices, func(d SurrogateDevice) bool { return d.DeviceName == r.SourceDeviceName })
	switch {
	case i < 0:
		errs = append(errs, template.IfKnown(template.At(name, fmt.Errorf("no device %s is in launch_block_device_mappings", r.SourceDeviceName)), "launch_block_device_mappings"))
	case c.LaunchDevices[i].Omit:
		errs = append(errs, template.At(fmt.Sprintf("launch_block_device_mappings[%d].omit_from_artifact", i), errors.New("is not for the root device")))
	}
	return errors.Join(errs...)
}
