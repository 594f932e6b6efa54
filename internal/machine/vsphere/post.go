package vsphere

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Upload is the kind of post-processors that upload a machine.
func Upload() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("vsphere", "upload a VMware machine to vSphere", UploadConfig.Check)
}

// MakeTemplate is the kind of post-processors that make templates of machines.
func MakeTemplate() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("vsphere-template", "make a vSphere template of a machine", TemplateConfig.Check)
}

// UploadConfig is a post-processor block of type vsphere.
type UploadConfig struct {
	Host             string   `opt:"host,required" doc:"Name or address of the vCenter server."`
	Username         string   `opt:"username,required" doc:"User of the server."`
	Password         string   `opt:"password,required" doc:"Password of the user."`
	Insecure         bool     `opt:"insecure" default:"false" doc:"Take any certificate of the server."`
	Datacenter       string   `opt:"datacenter,required" doc:"Datacenter."`
	Cluster          string   `opt:"cluster,required" doc:"Cluster or host that the machine is made on."`
	ESXHost          string   `opt:"esxi_host" doc:"ESXi host to upload to."`
	Datastore        string   `opt:"datastore" doc:"Datastore of the machine."`
	DatastoreCluster string   `opt:"datastore_cluster" doc:"Cluster of datastores, one of which vSphere chooses."`
	DiskMode         string   `opt:"disk_mode" default:"thick" doc:"How disks are kept: thin, thick, eagerZeroedThick …"`
	ResourcePool     string   `opt:"resource_pool" doc:"Resource pool of the machine."`
	Folder           string   `opt:"vm_folder" doc:"Folder of the machine."`
	VMName           string   `opt:"vm_name,required" doc:"Name of the machine."`
	Network          string   `opt:"vm_network" doc:"Network of the machine."`
	HardwareVersion  string   `opt:"hardware_version" doc:"Greatest version of the virtual hardware."`
	Options          []string `opt:"options" doc:"More arguments of ovftool."`
	Overwrite        bool     `opt:"overwrite" default:"false" doc:"Overwrite a machine of the name."`
	MaxRetries       int      `opt:"max_retries" default:"5" doc:"How often an upload is tried."`
}

// Check validates what tags cannot say.
func (c UploadConfig) Check() error {
	errs := []error{install.AtLeast("max_retries", c.MaxRetries, 0)}
	switch {
	case c.Datastore != "" && c.DatastoreCluster != "":
		errs = append(errs, template.At("datastore_cluster", errors.New("give either datastore or datastore_cluster, not both")))
	case c.Datastore == "" && c.DatastoreCluster == "":
		errs = append(errs, template.Warning(template.IfKnown(
			errors.New("without datastore or datastore_cluster the server must have just one datastore"), "datastore", "datastore_cluster")))
	}
	return errors.Join(errs...)
}

// TemplateConfig is a post-processor block of type vsphere-template.
type TemplateConfig struct {
	Host                string `opt:"host,required" doc:"Name or address of the vCenter server."`
	Username            string `opt:"username,required" doc:"User of the server."`
	Password            string `opt:"password,required" doc:"Password of the user."`
	Insecure            bool   `opt:"insecure" default:"false" doc:"Take any certificate of the server."`
	Datacenter          string `opt:"datacenter" doc:"Datacenter; the only one by default."`
	Name                string `opt:"template_name" doc:"Name of the template; the machine's by default."`
	Folder              string `opt:"folder" doc:"Folder of the template."`
	SnapshotEnable      bool   `opt:"snapshot_enable" default:"false" doc:"Make a snapshot before."`
	SnapshotName        string `opt:"snapshot_name" doc:"Name of the snapshot."`
	SnapshotDescription string `opt:"snapshot_description" doc:"Description of the snapshot."`
	Reregister          *bool  `opt:"reregister_vm" doc:"Register the machine anew as template; true by default."`
	Override            bool   `opt:"override" default:"false" doc:"Replace a template of the name."`
}

// Check validates what tags cannot say.
func (c TemplateConfig) Check() error { return nil }
