package virtualbox

import (
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Export is the form of the result.
type Export struct {
	Format   string   `opt:"format" default:"ovf" doc:"Form of the exported machine: ovf or ova."`
	Options  []string `opt:"export_opts" doc:"More arguments of VBoxManage export."`
	Filename string   `opt:"output_filename" doc:"Name of the exported file, without its extension; that of the machine by default."`
}

// Check validates what tags cannot say.
func (c Export) Check() error { return template.OneOf("format", c.Format, "ovf", "ova") }

// Display is how the screen of the machine is seen.
type Display struct {
	Headless    bool   `opt:"headless" default:"false" doc:"Open no window for the machine."`
	BindAddress string `opt:"vrdp_bind_address" default:"127.0.0.1" doc:"Address of this host on which the screen is offered by VRDP."`
	PortMin     int    `opt:"vrdp_port_min" default:"5900" doc:"Lowest port for VRDP."`
	PortMax     int    `opt:"vrdp_port_max" default:"6000" doc:"Highest port for VRDP."`
}

// Check validates what tags cannot say.
func (c Display) Check() error {
	return install.CheckPorts("vrdp_port_min", c.PortMin, "vrdp_port_max", c.PortMax, 0)
}

// PowerOff is how the machine is stopped, beside install.Shutdown.
type PowerOff struct {
	PostDelay       time.Duration `opt:"post_shutdown_delay" default:"2s" doc:"Pause after the machine is off, for what holds its files open."`
	DisableShutdown bool          `opt:"disable_shutdown" default:"false" doc:"Wait for the machine to stop by itself."`
	ACPI            bool          `opt:"acpi_shutdown" default:"false" doc:"Press the power button instead of running shutdown_command."`
}

// Guest is what the machine is given to know of VirtualBox.
type Guest struct {
	Mode      string        `opt:"guest_additions_mode" default:"upload" doc:"What becomes of the guest additions: upload, attach or disable."`
	Interface string        `opt:"guest_additions_interface" doc:"Controller that they are attached to; that of the medium by default."`
	Path      template.Late `opt:"guest_additions_path" default:"VBoxGuestAdditions.iso" doc:"Where they are uploaded to; {{.Version}} is VirtualBox's."`
	SHA256    string        `opt:"guest_additions_sha256" doc:"SHA-256 digest of the guest additions."`
	URL       template.Late `opt:"guest_additions_url" doc:"Where they are taken from; VirtualBox's own copy by default; {{.Version}} is VirtualBox's."`
	Version   *string       `opt:"virtualbox_version_file" default:".vbox_version" doc:"File of the machine into which the version of VirtualBox is written; none when empty."`
}

// Check validates what tags cannot say.
func (c Guest) Check(communicator string) error {
	errs := []error{
		template.OneOf("guest_additions_mode", c.Mode, "upload", "attach", "disable"),
		install.CheckFields("guest_additions_path", []template.Late{c.Path}, "Version"),
		install.CheckFields("guest_additions_url", []template.Late{c.URL}, "Version"),
	}
	if communicator == connect.UseNone {
		if c.Mode == "upload" {
			errs = append(errs, template.IfKnown(
				template.At("guest_additions_mode", errors.New("nothing can be uploaded when the communicator is none: attach or disable them")), "communicator"))
		}
		if c.Version != nil && *c.Version != "" {
			errs = append(errs, template.IfKnown(
				template.At("virtualbox_version_file", errors.New(`nothing can be uploaded when the communicator is none: set it to ""`)), "communicator"))
		}
	}
	return errors.Join(errs...)
}

// Commands are arguments of VBoxManage.
type Commands struct {
	Before [][]template.Late `opt:"vboxmanage" doc:"Commands of VBoxManage to run before the machine starts, as lists of arguments; {{.Name}} is the machine's."`
	After  [][]template.Late `opt:"vboxmanage_post" doc:"Commands of VBoxManage to run when the machine is off, before it is exported; {{.Name}} is the machine's."`
}

// Check validates what tags cannot say.
func (c Commands) Check() error {
	known := []string{install.Name, install.HTTPIP, install.HTTPPort}
	return errors.Join(
		install.CheckCommands("vboxmanage", c.Before, known...),
		install.CheckCommands("vboxmanage_post", c.After, known...))
}

// Hardware is the size of the machine.
type Hardware struct {
	CPUs   int    `opt:"cpus" default:"1" doc:"Number of processors."`
	Memory int    `opt:"memory" default:"512" doc:"Memory in MiB."`
	Sound  string `opt:"sound" default:"none" doc:"Sound driver of this host that the machine uses."`
	USB    bool   `opt:"usb" default:"false" doc:"Give the machine a USB controller."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	return errors.Join(install.AtLeast("cpus", c.CPUs, 0), install.AtLeast("memory", c.Memory, 0))
}
