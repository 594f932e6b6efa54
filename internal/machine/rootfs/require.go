package rootfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// require tells what is missing on this host for machines to run, and what to do.
func (b *Builder) require() error {
	if os.Geteuid() != 0 {
		return errors.New("run a machine: needs root (sudo)")
	}
	for _, p := range []struct{ program, pkg string }{
		{"systemd-nspawn", "systemd-container"}, {"nft", "nftables"},
		{"nsenter", "util-linux"}, {"setpriv", "util-linux"},
	} {
		if _, err := exec.LookPath(p.program); err != nil {
			return fmt.Errorf("run a machine: needs %s: apt-get install %s", p.program, p.pkg)
		}
	}
	return nil
}
