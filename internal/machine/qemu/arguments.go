package qemu

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// arguments are those of a command line, in order. Several values of one name are
// several arguments of that name.
type arguments []argument

type argument struct {
	name   string
	values []string // none: the name alone
}

func (a *arguments) add(name string, values ...string) { *a = append(*a, argument{name, values}) }

func (a arguments) has(name string) bool {
	return slices.ContainsFunc(a, func(x argument) bool { return x.name == name })
}

// line is what a program is started with.
func (a arguments) line() (line []string) {
	for _, x := range a {
		if len(x.values) == 0 {
			line = append(line, x.name)
		}
		for _, v := range x.values {
			line = append(line, x.name, v)
		}
	}
	return line
}

// hardware is what a command line is made of beside the configuration.
type hardware struct {
	name        string
	accelerator string
	cpu         string
	port        int    // of this host, that leads to the machine's; 0 for none
	guestPort   int    // that it leads to
	network     string // options of the network that QEMU makes, beginning with a comma
	mac         string // of the network card; "" for QEMU's usual one
	display     string // "" for none of QEMU's own
	disks, cds  []string
	format      string // of the disks; "" for the template's
	installed   bool   // the disk is what boots
	floppy      string
	vars        string // of UEFI
	qmp         string // socket that the user asked for
	console     string // file, or pipe
}

// arguments are what QEMU gets where the template says nothing else.
func (c Config) arguments(h hardware) (a arguments) {
	a.add("-name", quote(h.name))
	kind := "type=" + c.Machine
	if h.accelerator != "none" {
		kind += ",accel=" + h.accelerator
	}
	a.add("-machine", kind)
	if h.cpu != "" {
		a.add("-cpu", h.cpu)
	}
	a.add("-smp", c.Hardware.processors())
	a.add("-m", strconv.Itoa(c.Memory)+"M")
	if !c.EFI {
		a.add("-boot", map[bool]string{true: "c", false: "once=d"}[c.Image || h.installed])
	}
	if c.File != "" && !c.PFlash {
		a.add("-bios", c.File)
	}
	if c.NetBridge != "" {
		a.add("-netdev", "bridge,id=user.0,br="+quote(c.NetBridge))
	} else if h.port != 0 {
		a.add("-netdev", fmt.Sprintf("user,id=user.0,hostfwd=tcp:%s:%d-:%d%s", loopback, h.port, h.guestPort, h.network))
	} else {
		a.add("-netdev", "user,id=user.0")
	}
	devices, drives := c.drives(h)
	card := c.NetDevice + ",netdev=user.0"
	if h.mac != "" {
		card += ",mac=" + h.mac
	}
	a.add("-device", append(devices, card)...)
	a.add("-drive", drives...)
	if h.floppy != "" {
		a.add("-fda", rawFile(h.floppy)) // as -drive it would go where the template has drives of its own
	}
	a.add("-vnc", c.vnc())
	if h.display != "" {
		a.add("-display", h.display)
	}
	if c.VGA != "" {
		a.add("-vga", c.VGA)
	}
	if h.qmp != "" {
		a.add("-qmp", "unix:"+quote(h.qmp)+",server=on,wait=off")
	}
	a.add("-serial", "file:"+h.console) // all of the rest is the name, commas as they are
	return a
}

// vnc is where the screen can be seen. QEMU looks for a free port itself: nobody can take
// it in between.
func (c Config) vnc() string {
	if c.VNC.Disable {
		return "none"
	}
	const first = 5900
	v := fmt.Sprintf("%s:%d,to=%d", c.Screen.BindAddress, c.Screen.PortMin-first, c.Screen.PortMax-first)
	if c.UsePassword {
		v += ",password=on"
	}
	return v
}

// processors are as many as there are sockets, cores and threads, or as the template says.
func (c Hardware) processors() string {
	all := 1
	for _, n := range []int{c.Sockets, c.Cores, c.Threads} {
		all *= cmp.Or(n, 1)
	}
	given := c.Sockets != 0 || c.Cores != 0 || c.Threads != 0
	n := cmp.Or(c.CPUs, all)
	if given {
		n = min(n, all) // more do not fit
	}
	s := strconv.Itoa(n)
	for _, part := range []struct {
		name string
		n    int
	}{{"sockets", c.Sockets}, {"cores", c.Cores}, {"threads", c.Threads}} {
		if part.n > 0 {
			s += fmt.Sprintf(",%s=%d", part.name, part.n)
		}
	}
	return s
}

// drives are the machine's disks and CDs, and the devices that they hang on.
func (c Config) drives(h hardware) (devices, drives []string) {
	controller := false
	scsi := func() {
		if !controller {
			devices = append(devices, "virtio-scsi-pci,id=scsi0")
			controller = true
		}
	}
	options := func(format string) string {
		o := fmt.Sprintf(",cache=%s,discard=%s,format=%s", c.Cache, c.Discard, format)
		if c.DetectZeroes != "" && c.DetectZeroes != "off" {
			o += ",detect-zeroes=" + c.DetectZeroes
		}
		return o
	}
	// QEMU has these two buses for "if=" no longer, or never had.
	controllers := map[string]struct{ controller, disk string }{
		"sata": {"ahci,id=sata0", "ide-hd,bus=sata0.%d,drive=drive%d"},
		"scsi": {"lsi53c895a,id=lsi0", "scsi-hd,bus=lsi0.0,scsi-id=%d,drive=drive%d"},
	}
	for i, d := range h.disks {
		switch c.Disks.Interface {
		case "virtio-scsi":
			scsi()
			devices = append(devices, fmt.Sprintf("scsi-hd,bus=scsi0.0,drive=drive%d", i))
			drives = append(drives, fmt.Sprintf("if=none,file=%s,id=drive%d%s", quote(d), i, options(cmp.Or(h.format, c.Format))))
		case "sata", "scsi":
			bus := controllers[c.Disks.Interface]
			if i == 0 {
				devices = append(devices, bus.controller)
			}
			devices = append(devices, fmt.Sprintf(bus.disk, i, i))
			drives = append(drives, fmt.Sprintf("if=none,file=%s,id=drive%d%s", quote(d), i, options(cmp.Or(h.format, c.Format))))
		default:
			drives = append(drives, fmt.Sprintf("file=%s,if=%s%s", quote(d), c.Disks.Interface, options(cmp.Or(h.format, c.Format))))
		}
	}
	bus := c.CDROM
	if bus == "" && strings.HasPrefix(c.Machine, "virt") {
		bus = "virtio-scsi" // that kind of machine has no IDE
	}
	for i, cd := range h.cds {
		switch bus {
		case "":
			drives = append(drives, fmt.Sprintf("file=%s,media=cdrom,format=raw", quote(cd)))
		case "virtio-scsi":
			scsi()
			drives = append(drives, fmt.Sprintf("file=%s,if=none,id=cdrom%d,media=cdrom,format=raw", quote(cd), i))
			devices = append(devices, fmt.Sprintf("scsi-cd,bus=scsi0.0,drive=cdrom%d", i))
		default:
			drives = append(drives, fmt.Sprintf("file=%s,if=%s,index=%d,id=cdrom%d,media=cdrom,format=raw", quote(cd), bus, i, i))
		}
	}
	if c.File != "" && c.PFlash {
		drives = append(drives, fmt.Sprintf("file=%s,if=pflash,format=raw,readonly=on", quote(c.File)))
	}
	if c.EFI {
		drives = append(drives,
			fmt.Sprintf("file=%s,if=pflash,unit=0,format=raw,readonly=on", quote(c.EFICode)),
			fmt.Sprintf("file=%s,if=pflash,unit=1,format=raw", quote(h.vars)))
	}
	return devices, drives
}

// rawFile names a disk in a way that has QEMU not guess its format: a disk that a machine
// has written may claim to stand on any file of this host.
func rawFile(path string) string {
	type file struct {
		Driver   string `json:"driver"`
		Filename string `json:"filename"`
	}
	text, _ := json.Marshal(struct { // two strings: nothing that could fail
		Driver string `json:"driver"`
		File   file   `json:"file"`
	}{"raw", file{"file", path}})
	return "json:" + string(text)
}

// quote keeps commas from ending a value.
func quote(s string) string { return strings.ReplaceAll(s, ",", ",,") }
