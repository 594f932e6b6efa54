package qemu

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type qemu.
type Config struct {
	install.ISO
	install.HTTP
	install.VNC
	install.Floppy
	install.CD
	install.Output
	install.Shutdown
	install.HostPort
	connect.Config
	Hardware
	Firmware
	Disks
	Screen
	Emulator
	Proof
	ParentImage  string            `opt:"parent" doc:"Image of the catalog to start from, name or name:version, instead of a medium: one with a disk."`
	ISOSkipCache bool              `opt:"iso_skip_cache" default:"false" doc:"Read the medium straight from its URL; a disk_image is downloaded all the same, unless it lies on this host."`
	VMName       string            `opt:"vm_name" doc:"Name of the machine and of its disk's file; packer-NAME by default."`
	BootSteps    [][]template.Late `opt:"boot_steps" doc:"Keys to type as pairs of keys and a comment, instead of boot_command."`
	RunOnce      bool              `opt:"run_once" doc:"Of no effect."`
}

// bootFields are the placeholders of what is typed.
func bootFields() []string {
	return []string{install.HTTPIP, install.HTTPPort, install.Name, install.SSHPublicKey}
}

// Check validates what tags cannot say.
func (c Config) Check() error {
	if c.ISOSkipCache {
		c.Checksum = "none"
	}
	c = c.withParent()
	return errors.Join(
		c.checkOrigin(), c.HTTP.Check(), c.VNC.Check(bootFields()...), c.Floppy.Check(), c.CD.Check(),
		c.checkShutdown(), c.HostPort.Check(), c.Config.Check(connect.Rules{}),
		c.Hardware.Check(), c.Disks.Check(), c.Screen.Check(), c.Emulator.Check(), c.Proof.check(c.Config), c.checkSteps(), c.checkName())
}

func (c Config) checkName() error {
	if file := filepath.Base(c.VMName); c.VMName != "" && (file == "." || file == ".." || file == "/") {
		return template.At("vm_name", fmt.Errorf("%q is a directory: give the name of a file", c.VMName))
	} else if file == efivars {
		return template.At("vm_name", fmt.Errorf("%q is the file of UEFI's variables beside the disk: give another name", c.VMName))
	} else if len(file) > longestName {
		return template.At("vm_name", fmt.Errorf("it has %d bytes, and no file's name may be so long: give one of %d at most", len(file), longestName))
	}
	return nil
}

// longestName leaves room for what is added to it.
const longestName = 200

func (c Config) checkSteps() error {
	if len(c.BootSteps) > 0 && len(c.VNC.Command) > 0 {
		return template.At("boot_steps", errors.New("give either boot_command or boot_steps, not both"))
	}
	var errs []error
	for _, step := range c.BootSteps {
		if len(step) > 0 {
			errs = append(errs, install.CheckBootCommand("boot_steps", step[:1], bootFields()...))
		}
	}
	return errors.Join(errs...)
}
