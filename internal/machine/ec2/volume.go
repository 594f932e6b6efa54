package ec2

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// VolumeConfig is a source block of type amazon-ebsvolume.
type VolumeConfig struct {
	Access
	Run
	ENA           *bool      `opt:"ena_support" doc:"Switch on enhanced networking (ENA) of the machine."`
	SRIOV         bool       `opt:"sriov_support" doc:"Switch on enhanced networking of the machine by the Intel interface."`
	Volumes       []Volume   `opt:"ebs_volumes" doc:"Volumes to make."`
	RunVolumeTags Tags       `opt:"run_volume_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the volumes of the machine that are not kept."`
	RunVolumeTag  []KeyValue `opt:"run_volume_tag" doc:"The same as a block for each tag."`
}

// Volume is one volume to make.
type Volume struct {
	Device
	Tags                Tags       `opt:"tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the volume."`
	Tag                 []KeyValue `opt:"tag" doc:"The same as a block for each tag."`
	Snapshot            bool       `opt:"snapshot_volume" doc:"Make a snapshot of it at the end."`
	SnapshotDescription string     `opt:"snapshot_description" doc:"Description of the snapshot."`
	Snapshots
}

// Volumes makes volumes, without an AMI.
func Volumes() template.Kind[machine.Builder] {
	return cleaned(template.Valid[machine.Builder]("amazon-ebsvolume", "EBS volumes that a machine on EC2 fills", func(c VolumeConfig) error {
		errs := []error{c.Access.check(), c.Run.check(), c.checkDrivers(c.ENA, c.SRIOV)}
		for i, v := range c.Volumes {
			errs = append(errs, v.Device.check("ebs_volumes", i))
			if v.SnapshotDescription != "" && !v.Snapshot {
				path := fmt.Sprintf("ebs_volumes[%d]", i)
				errs = append(errs, template.IfKnown(template.At(path+".snapshot_description", errors.New("needs snapshot_volume = true")), path+".snapshot_volume"))
			}
		}
		return errors.Join(errs...)
	}))
}
