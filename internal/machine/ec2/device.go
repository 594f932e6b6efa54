package ec2

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Device is a block device of a machine or an AMI.
type Device struct {
	DeviceName          string `opt:"device_name" doc:"Name under which the machine sees it, such as /dev/sda1."`
	DeleteOnTermination bool   `opt:"delete_on_termination" doc:"The volume goes with its machine."`
	Encrypted           *bool  `opt:"encrypted" doc:"Encrypt the volume, or do not."`
	IOPS                *int   `opt:"iops" doc:"Provisioned operations per second of io1, io2 and gp3 volumes."`
	KMSKey              string `opt:"kms_key_id" doc:"Key to encrypt with."`
	NoDevice            bool   `opt:"no_device" doc:"Leave out the device that the source has."`
	SnapshotID          string `opt:"snapshot_id" doc:"Snapshot that the volume is made of."`
	Throughput          *int   `opt:"throughput" doc:"Throughput of gp3 volumes in MiB/s."`
	VirtualName         string `opt:"virtual_name" doc:"Instance store, such as ephemeral0, instead of a volume."`
	VolumeSize          int    `opt:"volume_size" doc:"Size in GiB."`
	VolumeType          string `opt:"volume_type" doc:"gp2, gp3, io1, io2, st1, sc1 or standard."`
}

func checkDevices(option string, devices []Device) error {
	var errs []error
	for i, d := range devices {
		errs = append(errs, d.check(option, i))
	}
	return errors.Join(errs...)
}

// check reports what is wrong with the device of a list.
func (d Device) check(option string, i int) error {
	path := option + "[" + strconv.Itoa(i) + "]"
	known := func(err error, options ...string) error {
		for i, o := range options {
			options[i] = path + "." + o
		}
		return template.IfKnown(err, options...)
	}
	var errs []error
	if d.DeviceName == "" {
		errs = append(errs, template.Missing(path+".device_name"))
	}
	if d.KMSKey != "" && d.Encrypted != nil && !*d.Encrypted {
		errs = append(errs, template.At(path+".kms_key_id", errors.New("needs encrypted = true")))
	}
	ratios := map[string]int{"io1": 50, "io2": 500}
	if ratio, ok := ratios[d.VolumeType]; ok && d.VolumeSize > 0 && d.IOPS != nil {
		if *d.IOPS/d.VolumeSize > ratio {
			errs = append(errs, known(template.At(path+".iops", fmt.Errorf("an %s volume of %d GiB has %d at most: %d for each GiB", d.VolumeType, d.VolumeSize, ratio*d.VolumeSize, ratio)), "volume_size"))
		}
		errs = append(errs, template.At(path+".iops", inRange(*d.IOPS, 100, 64000)))
	}
	if d.VolumeType == "gp3" {
		if d.IOPS != nil {
			errs = append(errs, template.At(path+".iops", inRange(*d.IOPS, 3000, 16000)))
		}
		if d.Throughput != nil {
			errs = append(errs, template.At(path+".throughput", inRange(*d.Throughput, 125, 1000)))
		}
	} else if d.Throughput != nil {
		errs = append(errs, known(template.At(path+".throughput", errors.New("is for gp3 volumes alone")), "volume_type"))
	}
	return errors.Join(errs...)
}

func inRange(n, low, high int) error {
	if n < low || n > high {
		return fmt.Errorf("%d is out of range: it is %d to %d", n, low, high)
	}
	return nil
}
