package proxmox

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Common is what the kinds share.
type Common struct {
	install.HTTP
	install.Boot
	connect.Config
	Cluster
	Hardware
	Devices
	CloudInit
	KeyInterval    time.Duration `opt:"boot_key_interval" doc:"Pause between two keys; 5ms by default, or what PACKER_KEY_INTERVAL says."`
	VMName         string        `opt:"vm_name" doc:"Name of the machine while it is built, a DNS name; packer-UUID by default."`
	VMID           int           `opt:"vm_id" doc:"Id of the machine, 100 to 999999999; the next that is free by default."`
	Tags           string        `opt:"tags" doc:"Tags of the machine, separated by semicolons."`
	Interface      string        `opt:"vm_interface" doc:"Network interface of the machine whose address counts; the first by default."`
	TemplateName   string        `opt:"template_name" doc:"Name of the result, a DNS name; the machine's by default."`
	Description    string        `opt:"template_description" doc:"Description of the result."`
	SkipConvert    bool          `opt:"skip_convert_to_template" default:"false" doc:"Leave the result a machine instead of a template."`
	AdditionalISOs []Medium      `opt:"additional_iso_files" doc:"More media to attach."`
}

// Check validates what tags cannot say.
func (c Common) Check(env Getenv) error {
	errs := []error{
		c.HTTP.Check(), c.Boot.Check(install.HTTPIP, install.HTTPPort), c.Config.Check(connect.Rules{}),
		c.Cluster.Check(env), c.Hardware.Check(), c.Devices.Check(c.Hardware), c.CloudInit.Check(),
		checkID("vm_id", c.VMID), checkName("vm_name", c.VMName), checkName("template_name", c.TemplateName),
	}
	for i, m := range c.AdditionalISOs {
		errs = append(errs, m.Check(fmt.Sprintf("additional_iso_files[%d].", i)))
	}
	return errors.Join(errs...)
}

// Cluster is where machines are made.
type Cluster struct {
	URL         string        `opt:"proxmox_url" doc:"URL of the API, such as https://host:8006/api2/json; PROXMOX_URL by default."`
	Insecure    bool          `opt:"insecure_skip_tls_verify" default:"false" doc:"Take any certificate of the server."`
	Username    string        `opt:"username" doc:"User with realm, such as user@pve, and with the token's name, user@pve!name; PROXMOX_USERNAME by default."`
	Password    string        `opt:"password" doc:"Password of the user; PROXMOX_PASSWORD by default."`
	Token       string        `opt:"token" doc:"Token of the user, instead of a password; PROXMOX_TOKEN by default."`
	Node        string        `opt:"node,required" doc:"Node on which the machine is made."`
	Pool        string        `opt:"pool" doc:"Resource pool of the machine."`
	TaskTimeout time.Duration `opt:"task_timeout" default:"1m" doc:"How long to wait for a task of the server."`
}

// Check validates what tags cannot say.
func (c Cluster) Check(env Getenv) error {
	var errs []error
	if c.URL == "" && env("PROXMOX_URL") == "" {
		errs = append(errs, template.Missing("proxmox_url"))
	}
	if c.Username == "" && env("PROXMOX_USERNAME") == "" {
		errs = append(errs, template.Missing("username"))
	}
	if c.Password == "" && c.Token == "" && env("PROXMOX_PASSWORD") == "" && env("PROXMOX_TOKEN") == "" {
		errs = append(errs, template.Missing("password", "token"))
	}
	_, err := url.Parse(c.URL)
	return errors.Join(append(errs, template.At("proxmox_url", err))...)
}

// CloudInit is the drive by which cloud-init of the result is told things.
type CloudInit struct {
	Drive           bool   `opt:"cloud_init" default:"false" doc:"Give the result a drive for cloud-init."`
	StoragePool     string `opt:"cloud_init_storage_pool" doc:"Storage pool of that drive; that of the first disk by default."`
	DiskType        string `opt:"cloud_init_disk_type" doc:"Bus of that drive: ide, scsi or sata; ide by default."`
	DisableUpgrades *bool  `opt:"cloud_init_disable_upgrade_packages" doc:"Do not upgrade packages when the result starts."`
}

// Check validates what tags cannot say.
func (c CloudInit) Check() error {
	if !c.Drive {
		return nil
	}
	return template.OneOf("cloud_init_disk_type", c.DiskType, "ide", "scsi", "sata")
}

// checkName wants a DNS name.
func checkName(option, name string) error {
	if name == "" {
		return nil
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || strings.Trim(label, letters+"-") != "" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return template.At(option, fmt.Errorf("%q is no DNS name: letters, digits, and dashes and dots between them", name))
		}
	}
	return nil
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
