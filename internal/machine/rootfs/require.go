package rootfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Need is a program of the host that the builder cannot do without for some of
// what it does.
type Need struct {
	Program string
	Package string // of Debian
	For     string // what cannot be done without it
}

// Needs lists what the builder needs, whether it is there or not.
func Needs() []Need {
	const machines = "running machines"
	return []Need{
		{"systemd-nspawn", "systemd-container", machines}, {"nft", "nftables", machines},
		{"nsenter", "util-linux", machines}, {"setpriv", "util-linux", machines},
		{"mmdebstrap", "mmdebstrap", "starting from a Debian suite"},
	}
}

// Missing tells whether the program is not there.
func (n Need) Missing() bool {
	_, err := exec.LookPath(n.Program)
	return err != nil
}

// require tells what is missing on this host for machines to run, and what to do.
func require() error {
	if os.Geteuid() != 0 {
		return errors.New("run a machine: needs root (sudo)")
	}
	for _, n := range Needs() {
		if n.For != "starting from a Debian suite" && n.Missing() {
			return fmt.Errorf("run a machine: needs %s: apt-get install --no-install-recommends %s", n.Program, n.Package)
		}
	}
	return nil
}
