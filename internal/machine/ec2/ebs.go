package ec2

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// EBSConfig is a source block of type amazon-ebs.
type EBSConfig struct {
	Access
	AMI
	Run
	Mappings
	VolumeTags
	SkipCreate  bool       `opt:"skip_create_ami" doc:"Do everything but make the AMI."`
	SkipRunTags bool       `opt:"skip_ami_run_tags" doc:"Do not give the AMI the tags of run_tags."`
	NoEphemeral bool       `opt:"no_ephemeral" doc:"For Windows: leave instance stores out of the AMI."`
	FastLaunch  FastLaunch `opt:"fast_launch" doc:"For Windows: snapshots that let machines of the AMI start quickly."`
}

// Mappings are the block devices of the machine and of the AMI.
type Mappings struct {
	AMIDevices    []Device `opt:"ami_block_device_mappings" doc:"Block devices of machines that start from the AMI."`
	LaunchDevices []Device `opt:"launch_block_device_mappings" doc:"Block devices of the machine that is provisioned, and so of the AMI."`
}

func (m Mappings) check() error {
	return errors.Join(checkDevices("ami_block_device_mappings", m.AMIDevices), checkDevices("launch_block_device_mappings", m.LaunchDevices))
}

// EBS makes AMIs whose volumes are snapshots of a machine's volumes.
func EBS() template.Kind[machine.Builder] {
	return cleaned(template.Valid[machine.Builder]("amazon-ebs", "AMIs backed by EBS, from a machine on EC2", func(c EBSConfig) error {
		return errors.Join(
			c.Access.check(), c.AMI.check(), c.Mappings.check(), c.Run.check(),
			c.FastLaunch.check(c.Region, c.Regions), c.checkDrivers(c.ENA, c.SRIOV))
	}))
}

// cleaned gives a builder EC2's own {{clean_resource_name}}.
func cleaned(k template.Kind[machine.Builder]) template.Kind[machine.Builder] {
	k.CleanName = CleanName
	return k
}
