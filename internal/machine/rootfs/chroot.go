package rootfs

import (
	"os"
	"strings"
)

// inChroot tells whether our root directory is no mount point, as after a plain
// chroot.
func inChroot() bool {
	text, err := os.ReadFile("/proc/self/mountinfo")
	return err == nil && !rootIsMounted(string(text))
}

// rootIsMounted tells whether a mountinfo text has a mount on "/".
func rootIsMounted(mountinfo string) bool {
	for line := range strings.Lines(mountinfo) {
		if f := strings.Fields(line); len(f) > 4 && f[4] == "/" {
			return true
		}
	}
	return false
}

// mountRoot is the beginning of a command line that makes the root directory a
// mount point, for itself alone, before it becomes the rest: systemd-nspawn turns
// off the propagation of mounts from "/" on, which only a mount point has.
//
// The mount that holds the root directory of a chroot cannot be named from
// inside, so its propagation cannot be turned off first. The copy of the tree is
// mounted on /proc therefore, which is a mount, and private from then on: nothing
// of this is seen outside.
func mountRoot() []string {
	const inside = `mount --make-rslave / && exec "$@"`
	return []string{
		"unshare", "--mount", "--propagation=unchanged", "/bin/sh", "-c",
		`inside=$1; shift; mount --make-private /proc && mount --rbind / /proc && exec chroot /proc /bin/sh -c "$inside" sh "$@"`,
		"sh", inside,
	}
}
