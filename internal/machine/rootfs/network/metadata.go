package network

import (
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// metadata are the addresses at which clouds tell a machine about itself, with
// credentials: those of the host, if a machine on it could ask. Some serve names
// there, too.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),     // link-local: most clouds
	netip.MustParsePrefix("168.63.129.16/32"),   // Azure
	netip.MustParsePrefix("100.100.100.200/32"), // Alibaba
	netip.MustParsePrefix("192.0.0.192/32"),     // Oracle
}

// IsMetadata tells whether machines are kept from an address because a cloud tells
// the host's secrets there.
func IsMetadata(a netip.Addr) bool {
	for _, p := range metadata {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// RefuseMetadata makes these addresses unreachable in the network namespace of the
// calling thread, for machines whose packets come by no rules of the host. Root of
// the machine can undo it.
func RefuseMetadata() error {
	for _, p := range metadata {
		dst := &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), 32)}
		if err := netlink.RouteAdd(&netlink.Route{Dst: dst, Type: unix.RTN_UNREACHABLE}); err != nil {
			return fmt.Errorf("make %s unreachable: %w", p, err)
		}
	}
	return nil
}
