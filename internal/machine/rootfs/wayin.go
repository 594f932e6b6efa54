package rootfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// leastSystemd is the first systemd that takes credentials from a machine's firmware, by
// which the gate gets into a machine that boots a disk.
const leastSystemd = 252

// hasWayIn tells why nobody can look into a machine that boots a disk of the tree.
func (m *rootMachine) hasWayIn(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, err := m.tree(ctx)
	if err != nil {
		return err
	}
	in, err := openInside(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	return in.hasWayIn()
}

func (in inside) hasWayIn() error {
	const why = "machines that boot the disk are looked into by way of systemd and udev, and the image has "
	const or = ", or set prove_boot = false in the output block"
	if !in.exists("/lib/systemd/systemd") {
		return errors.New(why + "no systemd: install systemd-sysv" + or)
	}
	if !slices.ContainsFunc([]string{"/lib/systemd/systemd-udevd", "/usr/bin/udevadm", "/bin/udevadm"}, in.exists) {
		return errors.New(why + "no udev: install it" + or)
	}
	version, err := in.systemd()
	if err == nil && version > 0 && version < leastSystemd {
		return fmt.Errorf("%ssystemd %d: %d or newer is needed for it, so set prove_boot = false in the output block", why, version, leastSystemd)
	}
	if err != nil {
		return err
	}
	if can, err := in.hasPorts(); err != nil || can {
		return err
	}
	return errors.New("machines that boot the disk are looked into by a serial port of virtio's, and no kernel in the image has virtio_console: " +
		"install one that has it, such as linux-image-cloud-amd64" + or)
}

// hasPorts tells whether a kernel has the driver of the port, as far as lists of its
// modules tell.
func (in inside) hasPorts() (bool, error) {
	kernels, err := in.names("/lib/modules")
	if err != nil {
		return false, err
	}
	told := false
	for _, k := range kernels {
		for _, list := range []string{"modules.dep", "modules.builtin"} {
			text, err := in.read(path.Join("/lib/modules", k, list))
			if err != nil {
				return false, err
			}
			if bytes.Contains(text, []byte("/virtio_console.ko")) {
				return true, nil
			}
			told = told || len(text) > 0
		}
	}
	return !told, nil
}

// systemd is the version that the name of systemd's library tells; 0 for one that does not.
func (in inside) systemd() (int, error) {
	dirs := []string{"/usr/lib/systemd", "/lib/systemd", "/usr/lib64/systemd"}
	for _, lib := range []string{"/usr/lib", "/lib"} {
		names, err := in.names(lib)
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			if strings.HasSuffix(name, "-linux-gnu") { // Debian's directories for architectures
				dirs = append(dirs, path.Join(lib, name, "systemd"))
			}
		}
	}
	for _, dir := range dirs {
		names, err := in.names(dir)
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			rest, ok := strings.CutPrefix(name, "libsystemd-shared-")
			digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
			if version, err := strconv.Atoi(digits); ok && err == nil {
				return version, nil
			}
		}
	}
	return 0, nil
}
