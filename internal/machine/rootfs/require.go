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
	return []Need{
		{"systemd-nspawn", "systemd-container", machines(false)}, {"nft", "nftables", machines(false)},
		{"nsenter", "util-linux", machines(false)}, {"setpriv", "util-linux", machines(false)},
		{"unshare", "util-linux", machines(true)}, {"newuidmap", "uidmap", machines(true)},
		{"nsenter", "util-linux", machines(true)}, {"setpriv", "util-linux", machines(true)},
		{"slirp4netns", "slirp4netns", machines(true)},
		{"mmdebstrap", "mmdebstrap", "starting from a Debian suite"},
	}
}

// Missing tells whether the program is not there.
func (n Need) Missing() bool {
	_, err := exec.LookPath(n.Program)
	return err != nil
}

// require tells what is missing on this host for machines to run, and what to do.
func require(boot bool) error {
	switch {
	case os.Geteuid() != 0:
		return errors.New("run a machine: needs root, or a user namespace with subordinate ids (/etc/subuid, package uidmap)")
	case inUserNamespace() && boot:
		return errors.New("run a machine: start_services needs root: only root can boot a machine")
	}
	for _, n := range Needs() {
		if n.For == machines(inUserNamespace()) && n.Missing() {
			return fmt.Errorf("run a machine: needs %s: apt-get install --no-install-recommends %s", n.Program, n.Package)
		}
	}
	return nil
}

// machines is what a program is for.
func machines(user bool) string {
	if user {
		return "running machines as an ordinary user"
	}
	return "running machines as root"
}
