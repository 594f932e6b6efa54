package vsphere

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Export is an export block.
type Export struct {
	Name       string   `opt:"name" doc:"Name of the files; the machine's by default."`
	Force      bool     `opt:"force" default:"false" doc:"Overwrite files that are there."`
	ImageFiles bool     `opt:"image_files" default:"false" doc:"Write the files of NVRAM and the like too."`
	Manifest   string   `opt:"manifest" default:"sha256" doc:"Digests in the manifest: sha1, sha256, sha512 or none."`
	Options    []string `opt:"options" doc:"More of the machine to write: mac, uuid, extraconfig, nodevicesubtypes."`
	Format     string   `opt:"output_format" default:"ovf" doc:"Form of the result: ovf or ova."`
	Permission string   `opt:"directory_permission" doc:"Mode of the directory; 0750 by default."`
	install.Output
}

func (c *Export) check(vmName string) error {
	if c == nil {
		return nil
	}
	errs := []error{
		template.OneOf("export.manifest", c.Manifest, "none", "sha1", "sha256", "sha512"),
		template.OneOf("export.output_format", c.Format, "ovf", "ova"),
	}
	if c.Permission != "" {
		if _, err := strconv.ParseUint(c.Permission, 0, 32); err != nil {
			errs = append(errs, template.At("export.directory_permission", fmt.Errorf("%q is no mode, such as 0750", c.Permission)))
		}
	}
	name := c.Name
	if name == "" {
		name = vmName
	}
	if c.Directory != "" && name != "" && !c.Force {
		file := filepath.Join(c.Directory, name+"."+c.Format)
		if _, err := os.Stat(file); err == nil {
			errs = append(errs, template.IfKnown(
				template.At("export", fmt.Errorf("%s is there already: remove it, or set force", file)), "vm_name", "export.force", "export.name"))
		}
	}
	return errors.Join(errs...)
}

// Library is a content_library_destination block.
type Library struct {
	Library      string   `opt:"library" doc:"Content library."`
	Name         string   `opt:"name" doc:"Name of the item; the machine's, for a template with the time behind it, by default."`
	Description  string   `opt:"description" doc:"Description of the item."`
	Cluster      string   `opt:"cluster" doc:"Cluster of the template; the machine's by default."`
	Folder       string   `opt:"folder" doc:"Folder of the template."`
	Host         string   `opt:"host" doc:"ESXi host of the template; the machine's by default."`
	ResourcePool string   `opt:"resource_pool" doc:"Resource pool of the template; the machine's by default."`
	Datastore    string   `opt:"datastore" doc:"Datastore of the template; the library's by default."`
	Destroy      bool     `opt:"destroy" default:"false" doc:"Remove the machine when it is in the library."`
	OVF          bool     `opt:"ovf" default:"false" doc:"Make an OVF item instead of a template."`
	SkipImport   bool     `opt:"skip_import" default:"false" doc:"Import nothing: for trying things out."`
	OVFFlags     []string `opt:"ovf_flags" doc:"More of the machine to keep in an OVF item."`
}

func (c *Library) check(vmName string) error {
	if c == nil {
		return nil
	}
	var errs []error
	if c.Library == "" {
		errs = append(errs, template.Missing("content_library_destination.library"))
	}
	if !c.OVF && c.Name != "" && c.Name == vmName {
		errs = append(errs, template.IfKnown(
			template.At("content_library_destination.name", errors.New("a template must not be named as the machine is: choose another name, or set ovf")), "content_library_destination.ovf", "vm_name"))
	}
	return errors.Join(errs...)
}
