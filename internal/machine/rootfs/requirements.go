package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/thread"
)

// diskNeeded is the room below which a build of a small Debian image fails.
const diskNeeded = 2 << 30

// Requirements lists what the builder needs of this host. Checks leave nothing
// behind; some try for a moment what a build would do.
func Requirements(d Deps) []machine.Requirement {
	all := []machine.Requirement{
		{For: "being root, or having subordinate ids", Check: canBeRoot},
		{For: "control groups of machines", Check: hasGroups},
		{For: "room in " + d.State, Check: func() error { return hasRoom(d.State) }},
	}
	if os.Geteuid() == 0 {
		all = append(all,
			machine.Requirement{For: "networks of machines", Check: tryNetwork},
			machine.Requirement{For: "the way out of machines", Optional: true, Check: func() error {
				ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
				defer cancel()
				return network.Forwarded(ctx)
			}},
			machine.Requirement{For: "layers in " + d.State, Check: func() error { return tryOverlay(d.State) }})
	}
	for _, n := range Needs() {
		all = append(all, machine.Requirement{For: n.For + ": " + n.Program, Package: n.Package, Optional: n.For != machines(os.Geteuid() != 0 || inUserNamespace()), Check: func() error {
			if !n.Missing() {
				return nil
			}
			for _, dir := range []string{"/usr/sbin", "/sbin"} {
				if _, err := os.Stat(filepath.Join(dir, n.Program)); err == nil {
					return fmt.Errorf("it is in %s, which is not in PATH", dir)
				}
			}
			return errors.New("it is not installed")
		}})
	}
	for _, n := range disk.Needs() {
		all = append(all, machine.Requirement{For: n.For + ": " + filepath.Base(n.What), Package: n.Package, Optional: true, Check: func() error {
			if n.Missing() {
				return errors.New("it is not installed")
			}
			return nil
		}})
	}
	return all
}

// hasGroups tells whether machines can have control groups. Those of an ordinary
// user have none.
func hasGroups() error {
	if os.Geteuid() != 0 || inUserNamespace() {
		return nil
	}
	return cgroup.Writable()
}

// tryNetwork makes a network namespace that ends at once.
func tryNetwork() error {
	return thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		return nil
	})
}

// tryOverlay mounts an overlay on the file system of a directory that need not be
// there yet, in a mount namespace of its own, so that nothing stays mounted
// however this process ends.
func tryOverlay(state string) error {
	dir, err := os.MkdirTemp(standing(state), ".proofmark-doctor-")
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	defer os.RemoveAll(dir)
	for _, d := range []string{"lower", "upper", "work"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	return thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
			return fmt.Errorf("make a mount namespace: %w", err)
		}
		// "/" may be no mount point, in a chroot; /proc always is one. What is mounted
		// on it is seen nowhere else once it is private.
		if err := unix.Mount("", "/proc", "", unix.MS_PRIVATE, ""); err != nil {
			return fmt.Errorf("make /proc private (is it mounted?): %w", err)
		}
		if err := unix.Chdir(dir); err != nil { // the path may hold commas
			return err
		}
		if err := unix.Mount("overlay", "/proc", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"); err != nil {
			return fmt.Errorf("this file system takes no overlays (set PROOFMARK_HOME to a directory on ext4, xfs or btrfs): %w", err)
		}
		return unix.Unmount("/proc", 0)
	})
}

// hasRoom looks at the file system of a directory that need not be there yet.
func hasRoom(state string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(standing(state), &st); err != nil {
		return err
	}
	if free := int64(st.Bavail) * st.Bsize; free < diskNeeded {
		return fmt.Errorf("%d MiB are free, and %d MiB are little", free>>20, diskNeeded>>20)
	}
	return nil
}

// standing is the directory, or the nearest one above it that is there.
func standing(dir string) string {
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
	}
}
