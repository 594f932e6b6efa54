package vmware

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the kind of machines that are installed from a medium.
func ISO() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("vmware-iso", "machines of VMware Workstation and Fusion, installed from a medium", ISOConfig.Check)
}

// VMX is the kind of machines that are cloned from others.
func VMX() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("vmware-vmx", "machines of VMware Workstation and Fusion, cloned from a VMX file", VMXConfig.Check)
}

// ISOConfig is a source block of type vmware-iso.
type ISOConfig struct {
	install.ISO
	VMName           string `opt:"vm_name" doc:"Name of the machine and of its VMX file; packer-NAME by default."`
	DiskSize         int    `opt:"disk_size" default:"40000" doc:"Size of the disk in MiB."`
	VMXTemplate      string `opt:"vmx_template_path" doc:"File from which the VMX file is made; a template in {{ }}."`
	DiskTemplate     string `opt:"vmx_disk_template_path" doc:"File from which the lines of a further disk in the VMX file are made; a template in {{ }}."`
	NestedVirtualize bool   `opt:"vhv_enabled" default:"false" doc:"Let the machine run machines itself."`
	Hardware
	Common
}

// Check validates what tags cannot say.
func (c ISOConfig) Check() error {
	errs := []error{c.ISO.Check(), install.AtLeast("disk_size", c.DiskSize, 0), c.Hardware.Check(), c.Common.Check(), checkTemplate("vmx_template_path", c.VMXTemplate)}
	if c.Remote.Type == esx && c.DiskType != "" && c.DiskType != "thin" && !c.SkipCompaction {
		errs = append(errs, template.IfKnown(
			template.At("skip_compaction", fmt.Errorf("a disk of type %q on ESXi cannot be compacted: set it to true", c.DiskType)), "skip_compaction", "remote_type"))
	}
	return errors.Join(errs...)
}

// checkTemplate wants a file of text in {{ }}.
func checkTemplate(option, path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err == nil {
		_, err = template.LateText(string(text))
	}
	return template.At(option, err)
}

// VMXConfig is a source block of type vmware-vmx.
type VMXConfig struct {
	SourcePath     string `opt:"source_path" doc:"VMX, OVF or OVA file of the machine to clone."`
	VMName         string `opt:"vm_name" doc:"Name of the machine and of its VMX file; packer-NAME-TIME by default."`
	Linked         bool   `opt:"linked" default:"false" doc:"Share the disk of the machine that is cloned."`
	AttachSnapshot string `opt:"attach_snapshot" doc:"Snapshot of the machine to clone; its present state by default."`
	Common
}

// Check validates what tags cannot say.
func (c VMXConfig) Check() error {
	errs := []error{c.Common.Check()}
	switch {
	case c.Remote.Type != "": // a path of the host
	case c.SourcePath == "":
		errs = append(errs, template.IfKnown(template.Missing("source_path"), "remote_type"))
	default:
		errs = append(errs, install.CheckPath("source_path", c.SourcePath))
	}
	if lower := strings.ToLower(c.SourcePath); c.GuestOSType == "" && (strings.HasSuffix(lower, ".ovf") || strings.HasSuffix(lower, ".ova")) {
		errs = append(errs, template.Missing("guest_os_type"))
	}
	return errors.Join(errs...)
}

// Common is what the kinds share.
type Common struct {
	install.HTTP
	install.Floppy
	install.CD
	install.VNC
	install.Output
	install.Shutdown
	connect.Config
	Remote
	Display
	Tools
	Lines
	Export
	Disks
	FusionApp    string `opt:"fusion_app_path" doc:"Where VMware Fusion is; FUSION_APP_PATH or /Applications/VMware Fusion.app by default."`
	GuestOSType  string `opt:"guest_os_type" doc:"System that is installed, as VMX files name it; other-64 by default."`
	Version      int    `opt:"version" default:"21" doc:"Version of the virtual hardware."`
	SnapshotName string `opt:"snapshot_name" doc:"Snapshot to make at the end of the build."`
}

// Check validates what tags cannot say.
func (c Common) Check() error {
	rules := connect.Rules{}
	errs := []error{
		c.HTTP.Check(), c.Floppy.Check(), c.CD.Check(),
		c.VNC.Check(install.HTTPIP, install.HTTPPort, install.Name, install.SSHPublicKey),
		c.Shutdown.Check(), c.Config.Check(rules),
		c.Remote.Check(), c.Display.Check(c.Remote), c.Tools.Check(), c.Export.Check(c.Remote), c.Disks.Check(),
		install.AtLeast("version", c.Version, 1),
	}
	if c.Headless && c.Disable && c.Remote.Type == "" {
		errs = append(errs, template.Warning(template.At("disable_vnc", errors.New("nothing is seen of a machine that is headless and has no VNC"))))
	}
	return errors.Join(errs...)
}
