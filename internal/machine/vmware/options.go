package vmware

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Lines is what is written to the VMX file.
type Lines struct {
	Data        map[string]string `opt:"vmx_data" doc:"Lines of the VMX file while the machine is built, by key."`
	Post        map[string]string `opt:"vmx_data_post" doc:"Lines of the VMX file of the result, by key; an empty one is removed."`
	RemoveNICs  bool              `opt:"vmx_remove_ethernet_interfaces" default:"false" doc:"Remove the network cards from the result."`
	DisplayName string            `opt:"display_name" doc:"Name that the VMX file shows; that of the machine by default."`
}

// Tools is what the machine is given of VMware Tools.
type Tools struct {
	Mode       string        `opt:"tools_mode" doc:"What becomes of VMware Tools: upload, attach or disable."`
	Source     string        `opt:"tools_source_path" doc:"Medium of VMware Tools; VMware's own by default."`
	Flavor     string        `opt:"tools_upload_flavor" doc:"System that the tools are uploaded for: linux, darwin or windows."`
	UploadPath template.Late `opt:"tools_upload_path" default:"{{ .Flavor }}.iso" doc:"Where the tools are uploaded to."`
}

// Check validates what tags cannot say. Without a mode a flavour means upload.
func (c Tools) Check() error {
	errs := []error{
		template.OneOf("tools_mode", c.Mode, "upload", "attach", "disable"),
		install.CheckFields("tools_upload_path", []template.Late{c.UploadPath}, "Flavor"),
	}
	switch c.Mode {
	case "attach":
		if c.Source == "" {
			errs = append(errs, template.Missing("tools_source_path"))
		}
		if c.Flavor != "" {
			errs = append(errs, template.IfKnown(
				template.At("tools_upload_flavor", errors.New("nothing is uploaded when tools_mode is attach: take it away")), "tools_mode"))
		}
		errs = append(errs, checkMedium(c.Source))
	case "upload":
		if c.Source != "" && c.Flavor != "" {
			errs = append(errs, template.At("tools_source_path", errors.New("give either tools_source_path or tools_upload_flavor, not both")))
		}
		if c.Source == "" && c.Flavor == "" {
			errs = append(errs, template.Missing("tools_upload_flavor", "tools_source_path"))
		}
		errs = append(errs, checkMedium(c.Source), template.OneOf("tools_upload_flavor", c.Flavor, "linux", "darwin", "windows"))
	}
	return errors.Join(errs...)
}

func checkMedium(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("it is a directory")}
	}
	return template.At("tools_source_path", err)
}

// Export is the form of the result.
type Export struct {
	Format         string   `opt:"format" doc:"Form of the result: ovf, ova or vmx; vmx by default, on ESXi ovf."`
	Options        []string `opt:"ovftool_options" doc:"More arguments of ovftool."`
	SkipExport     bool     `opt:"skip_export" default:"false" doc:"Do not export the machine."`
	KeepRegistered bool     `opt:"keep_registered" default:"false" doc:"Leave the machine registered on ESXi."`
	SkipCompaction bool     `opt:"skip_compaction" default:"false" doc:"Leave the disk as large as it has become."`
}

// Check validates what tags cannot say.
func (c Export) Check(r Remote) error {
	err := template.OneOf("format", c.Format, "ovf", "ova", "vmx")
	if r.Type != "" && r.Password == "" && !c.SkipExport {
		err = errors.Join(err, template.IfKnown(template.Missing("remote_password"), "skip_export", "remote_type"))
	}
	return err
}

// Disks are the machine's disks and drives.
type Disks struct {
	Additional []int  `opt:"disk_additional_size" doc:"Sizes of more disks in MiB."`
	Adapter    string `opt:"disk_adapter_type" default:"lsilogic" doc:"Controller of the disks: ide, sata, nvme, scsi, or a kind of SCSI controller such as pvscsi."`
	Name       string `opt:"vmdk_name" default:"disk" doc:"Name of the disk's file, without its extension."`
	DiskType   string `opt:"disk_type_id" doc:"How the disk is kept: 0 to 5 of vmware-vdiskmanager, on ESXi thin, zeroedthick or eagerzeroedthick; 1 by default."`
	CDROM      string `opt:"cdrom_adapter_type" doc:"Controller of the medium: ide, sata or scsi."`
}

// Check validates what tags cannot say.
func (c Disks) Check() error {
	errs := []error{template.OneOf("cdrom_adapter_type", strings.ToLower(c.CDROM), "ide", "sata", "scsi")}
	if slices.ContainsFunc(c.Additional, func(size int) bool { return size < 0 }) {
		errs = append(errs, template.At("disk_additional_size", errors.New("the size of a disk is not negative")))
	}
	return errors.Join(errs...)
}
