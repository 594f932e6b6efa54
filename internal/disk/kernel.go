package disk

import (
	"archive/tar"
	"errors"
	"path"
	"strings"
)

// bootFiles is what of a tree matters for booting it.
type bootFiles struct {
	files  map[string]bool   // regular files in /boot, and programs that start the system
	links  map[string]string // in / and /boot, and where they lead
	kernel string            // absolute, as are the others
	initrd string
}

// inits are programs that the kernel or the initrd starts.
var inits = []string{"sbin/init", "usr/sbin/init", "lib/systemd/systemd", "usr/lib/systemd/systemd"}

func (b *bootFiles) see(h *tar.Header) {
	if b.files == nil {
		b.files, b.links = map[string]bool{}, map[string]string{}
	}
	name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
	dir := path.Dir(name)
	top := dir == "." || dir == "boot"
	switch {
	case h.Typeflag == tar.TypeSymlink && (top || isInit(name)):
		b.links[name] = h.Linkname
	case (h.Typeflag == tar.TypeReg || h.Typeflag == tar.TypeLink) && (dir == "boot" || isInit(name)):
		b.files[name] = true
	}
}

func isInit(name string) bool {
	for _, i := range inits {
		if i == name {
			return true
		}
	}
	return false
}

var (
	errNoKernel = errors.New("there is no kernel in the tree: install one in it, such as linux-image-cloud-amd64 for virtual machines or linux-image-amd64 for others")
	errNoInitrd = errors.New("there is no initrd for its kernel in the tree: install initramfs-tools before the kernel, or run update-initramfs -c -k all")
	errNoInit   = errors.New("there is no init system in the tree: install systemd-sysv, or another one")
)

// find chooses kernel and initrd: those that the distribution's links lead to, which its
// packages keep up to date, else the newest in /boot.
func (b *bootFiles) find() error {
	started := false
	for _, i := range inits {
		started = started || b.files[i] || b.links[i] != ""
	}
	if !started {
		return errNoInit
	}
	for _, dir := range []string{"", "boot/"} {
		if b.leads(dir+"vmlinuz") && b.leads(dir+"initrd.img") {
			b.kernel, b.initrd = "/"+dir+"vmlinuz", "/"+dir+"initrd.img"
			return nil
		}
	}
	newest, initrd := "", ""
	any := false
	for name := range b.files {
		version, ok := strings.CutPrefix(name, "boot/vmlinuz-")
		if !ok {
			continue
		}
		any = true
		if newest != "" && !newer(version, newest) {
			continue
		}
		for _, i := range []string{"boot/initrd.img-" + version, "boot/initramfs-" + version + ".img", "boot/initrd-" + version} {
			if b.files[i] {
				newest, initrd = version, i
				break
			}
		}
	}
	switch {
	case newest != "":
		b.kernel, b.initrd = "/boot/vmlinuz-"+newest, "/"+initrd
		return nil
	case any:
		return errNoInitrd
	}
	return errNoKernel
}

// leads tells whether a link leads to a file in /boot.
func (b *bootFiles) leads(name string) bool {
	to, ok := b.links[name]
	if !ok {
		return false
	}
	if !path.IsAbs(to) {
		to = path.Join("/", path.Dir(name), to)
	}
	return b.files[strings.TrimPrefix(path.Clean(to), "/")]
}

// newer compares versions: stretches of digits as numbers, all else as text.
func newer(a, b string) bool {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if len(x) != len(y) {
				return len(x) > len(y)
			}
			if x != y {
				return x > y
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return a[0] > b[0]
		}
		a, b = a[1:], b[1:]
	}
	return len(a) > len(b)
}

// digits is the length of the number that s begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
