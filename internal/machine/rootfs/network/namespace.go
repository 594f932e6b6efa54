package network

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/thread"
)

// makeNamespace makes a network namespace that stays until its file at path is
// unmounted. ip netns knows it under the file's name.
func makeNamespace(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	f.Close()
	return thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make network namespace: %w", err)
		}
		from := fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid())
		if err := unix.Mount(from, path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount network namespace at %s: %w", path, err)
		}
		return nil
	})
}

// removeNamespace unmounts and removes the file; processes inside keep the
// namespace alive until they end.
func removeNamespace(path string) error {
	err := unix.Unmount(path, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount network namespace %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// In runs f in the network namespace that path names. Sockets that f opens stay
// there.
func In(path string, f func() error) error {
	return thread.Do(func() error {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("enter network namespace %s: %w", path, err)
		}
		defer unix.Close(fd)
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter network namespace %s: %w", path, err)
		}
		return f()
	})
}

// inside configures the machine's end, in the namespace open as fd.
func (n *Network) inside(fd int) error {
	h, err := netlink.NewHandleAt(netns.NsHandle(fd), unix.NETLINK_ROUTE)
	if err != nil {
		return fmt.Errorf("enter network namespace: %w", err)
	}
	defer h.Close()
	lo, err := h.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find loopback link: %w", err)
	}
	eth, err := h.LinkByName(guestLink)
	if err != nil {
		return fmt.Errorf("find link %s: %w", guestLink, err)
	}
	if err := h.AddrAdd(eth, &netlink.Addr{IPNet: prefix(n.Guest)}); err != nil {
		return fmt.Errorf("set address %s: %w", n.Guest, err)
	}
	if err := errors.Join(h.LinkSetUp(lo), h.LinkSetUp(eth)); err != nil {
		return fmt.Errorf("set links up: %w", err)
	}
	route := &netlink.Route{LinkIndex: eth.Attrs().Index, Gw: net.IP(n.Host.AsSlice())}
	if err := h.RouteAdd(route); err != nil {
		return fmt.Errorf("set default route: %w", err)
	}
	return nil
}
