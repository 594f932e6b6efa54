package proxmox

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	Memory     int    `opt:"memory" default:"512" doc:"Memory in MiB."`
	Balloon    int    `opt:"ballooning_minimum" doc:"Least memory in MiB that the server leaves the machine; ballooning is off without it."`
	Cores      int    `opt:"cores" default:"1" doc:"Cores of each processor."`
	Sockets    int    `opt:"sockets" default:"1" doc:"Number of processors."`
	CPUType    string `opt:"cpu_type" default:"kvm64" doc:"Processor that the machine sees."`
	NUMA       bool   `opt:"numa" default:"false" doc:"Show the machine which memory is near which processor."`
	OS         string `opt:"os" default:"other" doc:"System of the machine: l26, l24, win11, win10, other …"`
	BIOS       string `opt:"bios" doc:"Firmware: seabios or ovmf; seabios by default."`
	Machine    string `opt:"machine" doc:"Kind of machine, such as pc, q35 or a version of them."`
	Boot       string `opt:"boot" doc:"Order of devices to start from, such as order=scsi0;ide2."`
	Controller string `opt:"scsi_controller" default:"lsi" doc:"SCSI controller: lsi, lsi53c810, virtio-scsi-pci, virtio-scsi-single, megasas or pvscsi."`
	Agent      *bool  `opt:"qemu_agent" doc:"Ask the agent in the machine for its address; true by default."`
	OnBoot     bool   `opt:"onboot" default:"false" doc:"Start the machine with its node."`
	DisableKVM bool   `opt:"disable_kvm" default:"false" doc:"Do without hardware virtualization."`
	Args       string `opt:"qemu_additional_args" doc:"More arguments of QEMU."`
	VGA        VGA    `opt:"vga" doc:"Graphics card."`
}

// VGA is a vga block.
type VGA struct {
	Type   string `opt:"type" doc:"Kind of graphics card: std, cirrus, vmware, qxl, serial0, virtio, none …"`
	Memory int    `opt:"memory" doc:"Its memory in MiB."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	errs := []error{
		install.AtLeast("memory", c.Memory, 0), install.AtLeast("ballooning_minimum", c.Balloon, 0),
		install.AtLeast("cores", c.Cores, 0), install.AtMost("cores", c.Cores, 255),
		install.AtLeast("sockets", c.Sockets, 0), install.AtMost("sockets", c.Sockets, 255),
	}
	memory := c.Memory
	if memory < 16 {
		memory = 512
	}
	if c.Balloon > memory {
		errs = append(errs, template.IfKnown(
			template.At("ballooning_minimum", fmt.Errorf("%d is more than the memory, %d", c.Balloon, memory)), "memory"))
	}
	return errors.Join(errs...)
}
