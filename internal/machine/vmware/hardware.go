package vmware

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	Firmware    string `opt:"firmware" doc:"bios, efi or efi-secure; bios by default."`
	CPUs        int    `opt:"cpus" doc:"Number of processors."`
	Cores       int    `opt:"cores" doc:"Cores of each processor."`
	Memory      int    `opt:"memory" doc:"Memory in MiB; 512 by default."`
	Network     string `opt:"network" doc:"nat, bridged, hostonly, or the name of a network such as VMnet3; nat by default."`
	NetworkName string `opt:"network_name" doc:"Network of the ESXi host."`
	Adapter     string `opt:"network_adapter_type" doc:"Network card, such as vmxnet3, e1000e or e1000."`
	Sound       bool   `opt:"sound" default:"false" doc:"Give the machine a sound card."`
	USB         bool   `opt:"usb" default:"false" doc:"Give the machine a USB controller."`
	USBVersion  string `opt:"usb_version" doc:"Version of the USB controller: 2.0, 3.1 or 3.2; 3.1 by default."`
	Serial      string `opt:"serial" doc:"Serial port: FILE:path[,yield], DEVICE:path[,yield], PIPE:path,endpoint,host[,yield], AUTO[:yield] or NONE."`
	Parallel    string `opt:"parallel" doc:"Parallel port: FILE:path, DEVICE:path[,direction], AUTO[:direction] or NONE."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	errs := []error{
		template.OneOf("firmware", c.Firmware, "bios", "efi", "efi-secure"),
		install.AtLeast("cpus", c.CPUs, 0), install.AtLeast("cores", c.Cores, 0), install.AtLeast("memory", c.Memory, 0),
		template.OneOf("usb_version", c.USBVersion, "2.0", "3.1", "3.2"),
		// Packer finds these out when it builds.
		template.Warning(template.At("serial", checkSerial(c.Serial))), template.Warning(template.At("parallel", checkParallel(c.Parallel))),
	}
	if c.USBVersion != "" && !c.USB {
		errs = append(errs, template.IfKnown(template.At("usb_version", errors.New("there is no USB controller: set usb")), "usb"))
	}
	return errors.Join(errs...)
}

// port splits a port at its kind; both are in the case that was given.
func port(s string) (kind string, parts []string) {
	kind, rest, given := strings.Cut(s, ":")
	if given {
		parts = strings.Split(rest, ",")
	}
	return strings.ToUpper(kind), parts
}

func checkSerial(s string) error {
	kind, parts := port(s)
	var ok bool
	switch n := len(parts); kind {
	case "", "NONE":
		ok = true
	case "FILE", "DEVICE":
		ok = n <= 2 && (n < 2 || isYield(parts[1]))
	case "AUTO":
		ok = n == 0 || n == 1 && (parts[0] == "" || isYield(parts[0]))
	case "PIPE":
		ok = (n == 3 || n == 4 && isYield(parts[3])) &&
			oneOfFold(parts[1], "client", "server") && oneOfFold(parts[2], "app", "vm")
	}
	if ok {
		return nil
	}
	return fmt.Errorf("%q is no serial port: write FILE:path[,yield], DEVICE:path[,yield], PIPE:path,client|server,app|vm[,yield], AUTO[:yield] or NONE, yield being TRUE or FALSE", s)
}

func checkParallel(s string) error {
	kind, parts := port(s)
	var ok bool
	switch n := len(parts); kind {
	case "", "NONE", "FILE":
		ok = true
	case "DEVICE":
		ok = n <= 2 && (n < 2 || oneOfFold(parts[1], "uni", "bi"))
	case "AUTO":
		ok = n == 0 || n == 1 && oneOfFold(parts[0], "", "uni", "bi")
	}
	if ok {
		return nil
	}
	return fmt.Errorf("%q is no parallel port: write FILE:path, DEVICE:path[,UNI|BI], AUTO[:UNI|BI] or NONE", s)
}

func isYield(s string) bool { return oneOfFold(s, "true", "false") }

func oneOfFold(s string, known ...string) bool { return slices.Contains(known, strings.ToLower(s)) }
