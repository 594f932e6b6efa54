package qemu

import (
	"fmt"
	"slices"
	"strings"
)

// single tells why there can be one machine of this source at a time, or why not all that it
// is lies in its disks; "" where that is not so. Layers are for machines that can be copied.
func (m *vm) single() string {
	c := m.b.c
	switch {
	case m.b.Machineless():
		return "nobody looks into it"
	case c.NetBridge != "", !m.b.behindQEMU():
		return "it is in a network with others, where a copy would have its address"
	case c.SkipNAT, c.SSH.Host != "" && c.SSH.Host != loopback && c.SSH.Host != "localhost":
		return "it is reached at an address of its own"
	case c.HostPort.Min == c.HostPort.Max:
		return "there is one port for it"
	case !c.VNC.Disable && c.Screen.PortMin == c.Screen.PortMax:
		return "there is one port for its screen"
	case c.QMP && c.QMPSocket != "":
		return "its QMP has a place of its own"
	}
	for i, a := range c.Args {
		var words [2][]string
		for j, port := range []int{1, 2} {
			for _, w := range a {
				text, err := w.Render(argumentValues{OutputDir: canonical, Name: "machine", SSHHostPort: port, HTTPIP: "h", HTTPPort: "1", HTTPContent: c.HTTP.Content})
				if err != nil {
					return fmt.Sprintf("qemuargs[%d] cannot be known", i)
				}
				words[j] = append(words[j], text)
			}
		}
		if len(a) > 0 && takesPlace(words[0][0], strings.Join(words[0][1:], ""), !slices.Equal(words[0], words[1])) {
			return fmt.Sprintf("qemuargs[%d] is for one machine alone", i)
		}
	}
	return ""
}

// takesPlace tells whether an argument of QEMU takes something of the host that only one can
// have, or brings in what no layer holds. ported says that it changes with the machine's port.
func takesPlace(name, value string, ported bool) bool {
	switch name {
	case "-netdev", "-net", "-nic":
		return strings.Contains(value, "hostfwd=") && !ported || strings.Contains(value, "smb=")
	case "-vnc":
		return value != "none"
	case "-serial", "-parallel", "-monitor", "-qmp", "-qmp-pretty", "-chardev", "-mon", "-debugcon":
		return slices.ContainsFunc([]string{"tcp:", "telnet:", "websocket:", "udp:", "unix:", "socket,", "udp,", "pipe"}, func(s string) bool { return strings.HasPrefix(value, s) })
	case "-spice", "-gdb", "-s", "-S", "-virtfs", "-fsdev", "-daemonize", "-pidfile", "-incoming", "-loadvm", "-snapshot", "-tpmdev", "-preconfig":
		return true
	}
	return false
}
