package virtualbox

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the kind of machines that are installed from a medium.
func ISO() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("virtualbox-iso", "machines of VirtualBox, installed from a medium", ISOConfig.Check)
}

// OVF is the kind of machines that are imported from an appliance.
func OVF() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("virtualbox-ovf", "machines of VirtualBox, imported from an OVF or OVA file", OVFConfig.Check)
}

// VM is the kind of machines that are registered already.
func VM() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("virtualbox-vm", "machines of VirtualBox that exist already", VMConfig.Check)
}

// OVFConfig is a source block of type virtualbox-ovf.
type OVFConfig struct {
	SourcePath string `opt:"source_path,required" doc:"OVF or OVA file to import: a path or a URL."`
	Checksum   string `opt:"checksum" doc:"Digest of the file: type:hex, bare hex, file:URL of a list of digests, or none."`
	// ChecksumType is of versions before 1.6.
	ChecksumType string   `opt:"checksum_type" doc:"Old: the type is part of checksum."`
	TargetPath   string   `opt:"target_path" doc:"File to download to, instead of one in the cache."`
	ImportFlags  []string `opt:"import_flags" doc:"More arguments of VBoxManage import."`
	ImportOpts   string   `opt:"import_opts" doc:"Value of the option --options of VBoxManage import, such as keepallmacs."`
	VMName       string   `opt:"vm_name" doc:"Name of the machine while it is built and of the result; packer-NAME-TIME by default."`
	Common
}

// Check validates what tags cannot say.
func (c OVFConfig) Check() error {
	var sum error
	switch {
	case c.ChecksumType != "" && !strings.Contains(c.Checksum, ":"):
		_, sum = install.ParseChecksum(c.ChecksumType + ":" + c.Checksum)
	case c.Checksum != "":
		_, sum = install.ParseChecksum(c.Checksum)
	}
	return errors.Join(template.At("checksum", sum), c.Common.Check(),
		install.Deprecated("checksum_type", c.ChecksumType != "", `write "checksum": "TYPE:…"`))
}

// VMConfig is a source block of type virtualbox-vm.
type VMConfig struct {
	VMName         string `opt:"vm_name,required" doc:"Name of the machine to build on."`
	AttachSnapshot string `opt:"attach_snapshot" doc:"Snapshot to return to before the build; the machine as it is by default."`
	TargetSnapshot string `opt:"target_snapshot" doc:"Snapshot to make at the end of the build."`
	ForceDelete    bool   `opt:"force_delete_snapshot" default:"false" doc:"Delete a target snapshot that exists already."`
	Hardware
	Common
}

// Check validates what tags cannot say. Whether the machine and its snapshots exist is
// asked when it is built.
func (c VMConfig) Check() error {
	errs := []error{c.Hardware.Check(), c.Common.Check()}
	if c.AttachSnapshot != "" && c.AttachSnapshot == c.TargetSnapshot {
		errs = append(errs, template.At("target_snapshot", fmt.Errorf("%q is the snapshot that the build begins with", c.TargetSnapshot)))
	}
	if c.TargetSnapshot == "" && c.SkipExport {
		errs = append(errs, template.Warning(template.IfKnown(
			template.At("skip_export", errors.New("with neither an export nor a target_snapshot nothing is kept")), "target_snapshot")))
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
	install.HostPort
	connect.Config
	Export
	Display
	Guest
	Commands
	PowerOff
	KeepRegistered bool `opt:"keep_registered" default:"false" doc:"Leave the machine registered after the build."`
	SkipExport     bool `opt:"skip_export" default:"false" doc:"Do not export the machine."`
}

// Check validates what tags cannot say.
func (c Common) Check() error {
	errs := []error{
		c.HTTP.Check(), c.Floppy.Check(), c.CD.Check(),
		c.Boot.Check(install.HTTPIP, install.HTTPPort, install.Name, install.SSHPublicKey),
		c.HostPort.Check(), c.Config.Check(connect.Rules{}),
		c.Export.Check(), c.Display.Check(), c.Guest.Check(c.Choice(connect.Rules{})), c.Commands.Check(),
	}
	if !c.DisableShutdown && !c.ACPI {
		errs = append(errs, c.Shutdown.Check())
	}
	return errors.Join(errs...)
}
