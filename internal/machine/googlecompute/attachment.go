package googlecompute

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/template"
)

const (
	scratch = "scratch"
	extreme = "pd-extreme"
)

// check reports what is wrong with a further disk.
func (a Attachment) check(path string) error {
	at := func(option, format string, args ...any) error {
		return template.At(path+"."+option, fmt.Errorf(format, args...))
	}
	errs := []error{
		template.OneOf(path+".interface_type", a.InterfaceType, "SCSI", "NVME"),
		template.OneOf(path+".attachment_mode", a.Mode, "READ_WRITE", "READ_ONLY"),
	}
	if a.SourceVolume != "" {
		return errors.Join(append(errs, a.checkExisting(path))...)
	}
	if a.VolumeType == "" {
		errs = append(errs, template.Missing(path+".volume_type"))
	}
	errs = append(errs, template.OneOf(path+".volume_type", a.VolumeType, scratch, "pd-standard", "pd-balanced", "pd-ssd", extreme,
		"hyperdisk-balanced", "hyperdisk-extreme", "hyperdisk-ml", "hyperdisk-throughput"))
	if a.VolumeSize == 0 && a.SourceImage == "" {
		errs = append(errs, template.IfKnown(template.Missing(path+".volume_size"), path+".source_image", path+".source_volume"))
	}
	switch {
	case a.IOPS == 0:
	case a.VolumeType != extreme:
		errs = append(errs, template.IfKnown(at("iops", "is for %s disks alone", extreme), path+".volume_type"))
	case a.IOPS < 10000 || a.IOPS > 120000:
		errs = append(errs, at("iops", "%d is out of range: it is 10000 to 120000", a.IOPS))
	}
	if a.VolumeType == scratch {
		for option, given := range map[string]bool{"keep_device": a.KeepDevice, "disk_name": a.DiskName != "", "device_name": a.DeviceName != "", "create_image": a.CreateImage} {
			if given {
				errs = append(errs, at(option, "is not for scratch disks"))
			}
		}
	} else if a.DiskName != "" && !isName(a.DiskName) {
		errs = append(errs, at("disk_name", "%q is no name of a disk: it has 63 lower case letters, digits and dashes at most, begins with a letter and does not end with a dash", a.DiskName))
	}
	return errors.Join(errs...)
}

// checkExisting looks at a disk that exists: nothing can be said about a new one.
func (a Attachment) checkExisting(path string) error {
	var errs []error
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"volume_size", a.VolumeSize != 0}, {"volume_type", a.VolumeType != ""}, {"disk_name", a.DiskName != ""},
		{"iops", a.IOPS != 0}, {"keep_device", a.KeepDevice}, {"source_image", a.SourceImage != ""},
	} {
		if o.given {
			errs = append(errs, template.At(path+"."+o.name, errors.New("excludes source_volume: that disk exists")))
		}
	}
	return errors.Join(errs...)
}
