package vsphere

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the kind of machines that are installed from a medium.
func ISO() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("vsphere-iso", "machines of vSphere, installed from a medium", ISOConfig.Check)
}

// Clone is the kind of machines that are cloned from others.
func Clone() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("vsphere-clone", "machines of vSphere, cloned from templates or machines", CloneConfig.Check)
}

// ISOConfig is a source block of type vsphere-iso.
type ISOConfig struct {
	install.ISO
	Version       int      `opt:"vm_version" doc:"Version of the virtual hardware; the newest of the host by default."`
	GuestOSType   string   `opt:"guest_os_type" default:"otherGuest" doc:"System that is installed, as vSphere names it."`
	NICs          []NIC    `opt:"network_adapters" doc:"Network cards."`
	USB           []string `opt:"usb_controller" doc:"USB controllers: usb, xhci, or both."`
	Notes         string   `opt:"notes" doc:"Notes on the machine."`
	Destroy       bool     `opt:"destroy" default:"false" doc:"Remove the machine at the end."`
	LocalCache    bool     `opt:"local_cache_overwrite" default:"false" doc:"Download a medium that this host has already."`
	RemoteCleanup bool     `opt:"remote_cache_cleanup" default:"false" doc:"Remove the medium from the datastore at the end."`
	RemoteCache   bool     `opt:"remote_cache_overwrite" default:"false" doc:"Upload a medium that the datastore has already."`
	CacheStore    string   `opt:"remote_cache_datastore" doc:"Datastore for media; that of the machine by default."`
	CachePath     string   `opt:"remote_cache_path" doc:"Directory for media in that datastore."`
	Storage
	Common
}

// NIC is a network_adapters block.
type NIC struct {
	Network     string `opt:"network" doc:"Network that the card is connected to."`
	Card        string `opt:"network_card" doc:"Kind of network card, such as vmxnet3 or e1000e."`
	MAC         string `opt:"mac_address" doc:"Its MAC address; one that vSphere chooses by default."`
	Passthrough *bool  `opt:"passthrough" doc:"Give the machine the card of the host itself."`
}

// Check validates what tags cannot say.
func (c ISOConfig) Check() error {
	errs := []error{
		c.ISO.CheckIfGiven(), c.Storage.Check(1), c.Common.Check(),
		install.AtLeast("vm_version", c.Version, 0),
	}
	if len(c.Disks) == 0 {
		errs = append(errs, template.Missing("storage"))
	}
	count := map[string]int{}
	for i, s := range c.USB {
		option := fmt.Sprintf("usb_controller[%d]", i)
		switch s {
		case "usb", "1", "true":
			s = "usb"
		case "", "0", "false":
			continue
		case "xhci":
		default:
			errs = append(errs, template.At(option, fmt.Errorf("%q is neither usb nor xhci", s)))
			continue
		}
		if count[s]++; count[s] == 2 {
			errs = append(errs, template.At(option, fmt.Errorf("there is one controller of kind %s already", s)))
		}
	}
	return errors.Join(errs...)
}

// CloneConfig is a source block of type vsphere-clone.
type CloneConfig struct {
	Template    string     `opt:"template,required" doc:"Template or machine to clone."`
	DiskSize    int        `opt:"disk_size" doc:"Size of the first disk in MiB; that of the clone by default."`
	LinkedClone bool       `opt:"linked_clone" default:"false" doc:"Share the disks of the template, from its newest snapshot."`
	Network     string     `opt:"network" doc:"Network that the first network card is connected to."`
	MAC         string     `opt:"mac_address" doc:"MAC address of the first network card."`
	Notes       string     `opt:"notes" doc:"Notes on the machine."`
	Destroy     bool       `opt:"destroy" default:"false" doc:"Remove the machine at the end."`
	VApp        VApp       `opt:"vapp" doc:"Properties of the vApp."`
	Customize   *Customize `opt:"customize" doc:"What vSphere changes in the clone before it starts."`
	Storage
	Common
}

// VApp is a vapp block.
type VApp struct {
	Properties map[string]string `opt:"properties" doc:"Values of the vApp's properties, by name."`
}

// Check validates what tags cannot say.
func (c CloneConfig) Check() error {
	errs := []error{
		c.Storage.Check(0), c.Common.Check(), c.Customize.check(),
		install.AtLeast("disk_size", c.DiskSize, 0),
	}
	if c.LinkedClone && c.DiskSize != 0 {
		errs = append(errs, template.IfKnown(template.At("disk_size", errors.New("the disk of a linked_clone keeps its size")), "linked_clone"))
	}
	if c.MAC != "" && c.Network == "" {
		errs = append(errs, template.IfKnown(template.At("mac_address", errors.New("it needs network")), "network"))
	}
	return errors.Join(errs...)
}
