package vsphere

import (
	"errors"
	"net"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Common is what the kinds share.
type Common struct {
	install.HTTP
	install.Floppy
	install.CD
	install.Boot
	install.Shutdown
	connect.Config
	Server
	Location
	Hardware
	Guest
	Drives
	Wait
	HTTPIP          string   `opt:"http_ip" doc:"Address that the machine is told to find http_directory at; one of this host by default."`
	DisableShutdown bool     `opt:"disable_shutdown" default:"false" doc:"Wait for the machine to stop by itself."`
	BootOrder       string   `opt:"boot_order" doc:"What to start from, separated by commas; disk,cdrom by default."`
	RemoveNIC       bool     `opt:"remove_network_adapter" default:"false" doc:"Remove the network cards from the result."`
	CreateSnapshot  bool     `opt:"create_snapshot" default:"false" doc:"Make a snapshot of the result, from which it can be cloned."`
	SnapshotName    string   `opt:"snapshot_name" default:"Created By Packer" doc:"Name of that snapshot."`
	Convert         bool     `opt:"convert_to_template" default:"false" doc:"Make the result a template."`
	Export          *Export  `opt:"export" doc:"Write the result to files of this host."`
	Library         *Library `opt:"content_library_destination" doc:"Put the result into a content library."`
}

// Check validates what tags cannot say. Files of the floppy disk are left to the build,
// as vSphere's are.
func (c Common) Check() error {
	errs := []error{
		c.HTTP.Check(), c.CD.Check(),
		c.Boot.Check(install.HTTPIP, install.HTTPPort, install.Name),
		c.Config.Check(connect.Rules{}),
		c.Location.Check(), c.Hardware.Check(), c.Guest.Check(c.Hardware), c.Drives.Check(), c.Wait.Check(),
		c.Export.check(c.VMName), c.Library.check(c.VMName),
	}
	if c.Choice(connect.Rules{}) == connect.UseNone && c.Shutdown.Command != "" {
		errs = append(errs, template.Warning(template.IfKnown(
			template.At("shutdown_command", errors.New("it is not run when the communicator is none")), "communicator")))
	}
	return errors.Join(errs...)
}

// Server is the vCenter server.
type Server struct {
	Server     string `opt:"vcenter_server,required" doc:"Name or address of the vCenter server or ESXi host."`
	Username   string `opt:"username,required" doc:"User of the server."`
	Password   string `opt:"password,required" doc:"Password of the user."`
	Insecure   bool   `opt:"insecure_connection" default:"false" doc:"Take any certificate of the server."`
	Datacenter string `opt:"datacenter" doc:"Datacenter; the only one by default."`
}

// Location is where the machine is made.
type Location struct {
	VMName           string `opt:"vm_name,required" doc:"Name of the machine."`
	Folder           string `opt:"folder" doc:"Folder of the machine."`
	Cluster          string `opt:"cluster" doc:"Cluster on which it is made."`
	Host             string `opt:"host" doc:"ESXi host on which it is made."`
	ResourcePool     string `opt:"resource_pool" doc:"Resource pool of the machine; the root one by default."`
	Datastore        string `opt:"datastore" doc:"Datastore of the machine; the only one of the host by default."`
	DatastoreCluster string `opt:"datastore_cluster" doc:"Cluster of datastores, one of which vSphere chooses."`
	SetHost          bool   `opt:"set_host_for_datastore_uploads" default:"false" doc:"Upload media through the host instead of the server."`
}

// Check validates what tags cannot say.
func (c Location) Check() error {
	var errs []error
	if c.Cluster == "" && c.Host == "" {
		errs = append(errs, template.Missing("cluster", "host"))
	}
	if c.Datastore != "" && c.DatastoreCluster != "" {
		errs = append(errs, template.At("datastore_cluster", errors.New("give either datastore or datastore_cluster, not both")))
	}
	return errors.Join(errs...)
}

// Wait is how the address of the machine is found.
type Wait struct {
	Timeout time.Duration `opt:"ip_wait_timeout" default:"30m" doc:"How long to wait for an address of the machine."`
	Settle  time.Duration `opt:"ip_settle_timeout" default:"5s" doc:"How long an address must stay the same."`
	Address *string       `opt:"ip_wait_address" default:"0.0.0.0/0" doc:"Network in which the address must lie."`
}

// Check validates what tags cannot say.
func (c Wait) Check() error {
	if c.Address == nil || *c.Address == "" {
		return nil
	}
	_, _, err := net.ParseCIDR(*c.Address)
	return template.At("ip_wait_address", err)
}
