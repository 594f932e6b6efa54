// Package network gives each machine a network namespace of its own, from which
// it reaches the outside through the host (network address translation), but
// neither the host itself nor another machine.
//
// A network is known by its tag: the namespace is /run/netns/TAG, the host's end
// of the link is TAG+"h", the nftables table is "inet TAG". So it can be found
// and destroyed by the tag alone.
package network

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Options of a network.
type Options struct {
	// Allow lists services of the host itself that the machine may use, such as a
	// name server or a proxy on one of the host's addresses.
	Allow []Service
}

// Service is a port at an address, for TCP and UDP alike. Without an address it
// is the host's end of the link.
type Service struct {
	Addr netip.Addr
	Port uint16
}

// Network of one machine.
type Network struct {
	Tag   string
	Path  string     // of the namespace
	Host  netip.Addr // the host's end: the machine's gateway
	Guest netip.Addr // the machine's end
}

const namespaces = "/run/netns"

// path of the namespace with a tag.
func path(tag string) string { return filepath.Join(namespaces, tag) }

// link is the name of the host's end.
func link(tag string) string { return tag + "h" }

// Create makes a network. It succeeds wholly or leaves nothing.
func Create(ctx context.Context, tag string, o Options) (*Network, error) {
	if len(link(tag)) >= unix.IFNAMSIZ {
		return nil, fmt.Errorf("create network: tag %q is too long for a link's name", tag)
	}
	n := &Network{Tag: tag, Path: path(tag)}
	if err := n.connect(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("create network: %w", err), Destroy(context.WithoutCancel(ctx), tag))
	}
	return n, nil
}

// connect makes namespace, link, addresses, routes and rules. Nothing runs in the
// namespace before it returns.
func (n *Network) connect(ctx context.Context, o Options) error {
	if err := makeNamespace(n.Path); err != nil {
		return err
	}
	ns, err := os.Open(n.Path)
	if err != nil {
		return err
	}
	defer ns.Close()
	veth := netlink.NewVeth(netlink.LinkAttrs{Name: link(n.Tag), TxQLen: 1000})
	veth.PeerName = guestLink
	veth.PeerNamespace = netlink.NsFd(ns.Fd())
	if err := netlink.LinkAdd(veth); err != nil {
		return fmt.Errorf("make link %s: %w", veth.Name, err)
	}
	host, err := netlink.LinkByName(veth.Name)
	if err != nil {
		return fmt.Errorf("find link %s: %w", veth.Name, err)
	}
	// No link-local address: through it services of the host would be reachable
	// that the rules do not know of.
	if err := netlink.LinkSetIP6AddrGenMode(host, addrGenNone); err != nil && !noIPv6(err) {
		return fmt.Errorf("turn off IPv6 on %s: %w", veth.Name, err)
	}
	if err := n.claim(host); err != nil {
		return err
	}
	rules := make(chan error, 1)
	go func() { rules <- nft(ctx, ruleset(n, o.Allow)) }()
	err = n.inside(int(ns.Fd()))
	return errors.Join(err, <-rules)
}

// noIPv6 tells whether the kernel refused because it has no IPv6, or was started
// without it (ipv6.disable=1).
func noIPv6(err error) bool {
	return errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EAFNOSUPPORT)
}

// addrGenNone is the kernel's IN6_ADDR_GEN_MODE_NONE.
const addrGenNone = 1

// guestLink is the name of the machine's end.
const guestLink = "eth0"

// Destroy removes all of a network; what is not there is no error.
func Destroy(ctx context.Context, tag string) error {
	var errs []error
	l, err := netlink.LinkByName(link(tag))
	switch {
	case err == nil:
		if err := netlink.LinkDel(l); err != nil && !errors.Is(err, unix.ENODEV) {
			errs = append(errs, fmt.Errorf("remove link %s: %w", link(tag), err))
		}
	case !errors.As(err, &netlink.LinkNotFoundError{}):
		errs = append(errs, fmt.Errorf("find link %s: %w", link(tag), err))
	}
	errs = append(errs, removeNamespace(path(tag)))
	if _, err := exec.LookPath("nft"); err == nil {
		// Deleting what is not there is an error, adding what is there is none.
		errs = append(errs, nft(ctx, fmt.Sprintf("add table inet %[1]s\ndelete table inet %[1]s\n", tag)))
	}
	errs = append(errs, withLock(func() error { return restoreForwarding(before) }))
	return errors.Join(errs...)
}

// Exists tells whether any part of a network is there.
func Exists(ctx context.Context, tag string) (bool, error) {
	if _, err := os.Lstat(path(tag)); err == nil {
		return true, nil
	}
	_, err := netlink.LinkByName(link(tag))
	if err == nil {
		return true, nil
	}
	if !errors.As(err, &netlink.LinkNotFoundError{}) {
		return false, fmt.Errorf("find link %s: %w", link(tag), err)
	}
	if _, err := exec.LookPath("nft"); err != nil {
		return false, nil
	}
	out, err := exec.CommandContext(ctx, "nft", "list", "tables", "inet").Output()
	if err != nil {
		return false, fmt.Errorf("list nftables tables: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.TrimSpace(line) == "table inet "+tag {
			return true, nil
		}
	}
	return false, nil
}
