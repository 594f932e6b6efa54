package probe

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Around tells what a prober sees of a system that is not the system's own. The
// zero value: nothing.
type Around struct {
	// HostKernel: the system runs on the kernel of the host that builds it. Settings
	// of that kernel are the host's, but for those of the network namespace.
	HostKernel bool
	// Ports that whoever runs the system listens on inside of it, as
	// "tcp:127.0.0.1:53".
	Ports []string
}

// Args are the arguments by which proofmark-probe learns it.
func (a Around) Args() []string {
	var args []string
	if a.HostKernel {
		args = append(args, "--host-kernel")
	}
	for _, p := range a.Ports {
		args = append(args, "--not-own", p)
	}
	return args
}

// Arg takes one of Args and says how many of the arguments it is; 0 for another's.
func (a *Around) Arg(args []string) int {
	switch {
	case args[0] == "--host-kernel":
		a.HostKernel = true
		return 1
	case args[0] == "--not-own" && len(args) > 1:
		a.Ports = append(a.Ports, args[1])
		return 2
	}
	return 0
}

// own leaves out the sockets that are not the system's.
func (a Around) own(all []socket) []socket {
	if len(a.Ports) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(s socket) bool {
		return slices.Contains(a.Ports, s.proto+":"+net.JoinHostPort(s.ip.String(), strconv.Itoa(s.port)))
	})
}

// param refuses to tell a setting that is the host's.
func (a Around) param(name string) error {
	if a.HostKernel && !strings.HasPrefix(name, "net.") && !strings.HasPrefix(name, "net/") {
		return fmt.Errorf("%s is a setting of the kernel of the host that builds, which says nothing of the image: check the file in /etc/sysctl.d instead", name)
	}
	return nil
}
