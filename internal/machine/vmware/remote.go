package vmware

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// esx is the one type of remote host that there is.
const esx = "esx5"

// Remote is the ESXi host on which a machine is built instead of this one.
type Remote struct {
	Type            string `opt:"remote_type" doc:"esx5: build on an ESXi host; for new templates there is vsphere-iso."`
	Host            string `opt:"remote_host" doc:"Name or address of the ESXi host."`
	Port            int    `opt:"remote_port" default:"22" doc:"Port of its SSH server."`
	User            string `opt:"remote_username" default:"root" doc:"User on the ESXi host."`
	Password        string `opt:"remote_password" doc:"Password of that user."`
	PrivateKey      string `opt:"remote_private_key_file" doc:"File of that user's private key."`
	Datastore       string `opt:"remote_datastore" default:"datastore1" doc:"Datastore for the machine."`
	CacheDatastore  string `opt:"remote_cache_datastore" doc:"Datastore for media; that of the machine by default."`
	CacheDirectory  string `opt:"remote_cache_directory" default:"packer_cache" doc:"Directory for media in that datastore."`
	CleanupCache    bool   `opt:"cleanup_remote_cache" default:"false" doc:"Remove the media at the end."`
	OutputDirectory string `opt:"remote_output_directory" doc:"Directory of the machine in the datastore; its name by default."`
	SkipValidate    bool   `opt:"skip_validate_credentials" default:"false" doc:"Do not try user and password before the build."`
	Insecure        bool   `opt:"insecure_connection" default:"false" doc:"Take any certificate of the ESXi host."`
}

// Check validates what tags cannot say.
func (c Remote) Check() error {
	if c.Type == "" {
		return nil
	}
	errs := []error{
		template.OneOf("remote_type", c.Type, esx),
		install.Deprecated("remote_type", true, "use vsphere-iso or vsphere-clone"),
		install.Within("remote_port", c.Port, 1, 65535),
	}
	if c.Host == "" {
		errs = append(errs, template.IfKnown(template.Missing("remote_host"), "remote_type"))
	}
	return errors.Join(errs...)
}

// Display is how the screen of the machine is seen.
type Display struct {
	Headless       bool   `opt:"headless" default:"false" doc:"Open no window for the machine."`
	BindAddress    string `opt:"vnc_bind_address" default:"127.0.0.1" doc:"Address that VNC listens on."`
	PortMin        int    `opt:"vnc_port_min" default:"5900" doc:"Lowest port for VNC."`
	PortMax        int    `opt:"vnc_port_max" default:"6000" doc:"Highest port for VNC."`
	NoPassword     bool   `opt:"vnc_disable_password" default:"false" doc:"Do without a password of VNC."`
	OverWebsockets bool   `opt:"vnc_over_websocket" default:"false" doc:"Reach the VNC of an ESXi host through its web server."`
}

// Check validates what tags cannot say.
func (c Display) Check(r Remote) error {
	if !c.OverWebsockets {
		return install.CheckPorts("vnc_port_min", c.PortMin, "vnc_port_max", c.PortMax, 0)
	}
	if r.Type == "" {
		return template.IfKnown(template.At("vnc_over_websocket", errors.New("only an ESXi host has it: give remote_type")), "remote_type")
	}
	return nil
}
