package network

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// pools are tried in this order: ranges that are not routed on the Internet and
// that few private networks use.
var pools = [...]string{"198.18.0.0/15", "100.64.0.0/10", "10.192.0.0/10", "172.16.0.0/12"}

const bits = 30 // two addresses for each machine

// runDir holds what belongs to the running system and to no home: every process
// that makes networks agrees through it.
const runDir = "/run/proofmark"

// withLock runs f while no other process changes addresses or forwarding.
func withLock(f func() error) error {
	if err := os.MkdirAll(runDir, 0o755); err != nil {
		return err
	}
	l, err := os.OpenFile(filepath.Join(runDir, "network.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer l.Close()
	for {
		err := unix.Flock(int(l.Fd()), unix.LOCK_EX)
		if err == nil {
			return f()
		}
		if !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("lock %s: %w", l.Name(), err)
		}
	}
}

// claim gives the link an address that overlaps with nothing the host knows. The
// address on the link is the claim: it goes with the link.
func (n *Network) claim(l netlink.Link) error {
	return withLock(func() error {
		taken, err := taken()
		if err != nil {
			return err
		}
		net30, err := pick(pools[:], taken, rand.Uint32)
		if err != nil {
			return err
		}
		n.Host = net30.Addr().Next()
		n.Guest = n.Host.Next()
		if err := netlink.AddrAdd(l, &netlink.Addr{IPNet: prefix(n.Host)}); err != nil {
			return fmt.Errorf("set address %s: %w", n.Host, err)
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return fmt.Errorf("set link %s up: %w", l.Attrs().Name, err)
		}
		return forward(before)
	})
}

// taken lists the networks that the host has addresses in or routes to.
func taken() ([]netip.Prefix, error) {
	var nets []netip.Prefix
	add := func(n *net.IPNet) {
		if p, ok := claimed(n); ok {
			nets = append(nets, p)
		}
	}
	addrs, err := listed(func() ([]netlink.Addr, error) { return netlink.AddrList(nil, netlink.FAMILY_V4) })
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	for _, a := range addrs {
		add(a.IPNet)
	}
	// Of all tables: rules may choose any of them.
	routes, err := listed(func() ([]netlink.Route, error) {
		return netlink.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: unix.RT_TABLE_UNSPEC}, netlink.RT_FILTER_TABLE)
	})
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	for _, r := range routes {
		add(r.Dst)
	}
	return nets, nil
}

// listed is a list of the kernel's that nothing has changed while it was told: others make
// and remove links all the time.
func listed[T any](list func() ([]T, error)) (all []T, err error) {
	for range 100 {
		if all, err = list(); !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return all, err
}

// claimed returns the network that an address or route stands for. Wider ones than
// the widest that anybody has mean "everything else": the default route, and the
// two halves that tunnels put in its place.
func claimed(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	const widest = 8
	addr, ok := netip.AddrFromSlice(n.IP.To4())
	ones, _ := n.Mask.Size()
	return netip.PrefixFrom(addr, ones).Masked(), ok && ones >= widest
}

// pick chooses a free network at random, so that networks follow each other
// seldom and what remembers an old one is not misled.
func pick(pools []string, taken []netip.Prefix, random func() uint32) (netip.Prefix, error) {
	for _, p := range pools {
		pool := netip.MustParsePrefix(p)
		count := uint32(1) << (bits - pool.Bits())
		first := random() % count
		for i := range min(count, 4096) {
			candidate := nth(pool, (first+i)%count)
			if !overlaps(candidate, taken) {
				return candidate, nil
			}
		}
	}
	return netip.Prefix{}, fmt.Errorf("pick a network for the machine: routes of this host cover all of %v", pools)
}

// nth returns the i-th network of a pool.
func nth(pool netip.Prefix, i uint32) netip.Prefix {
	a := pool.Addr().As4()
	v := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	v += i << (32 - bits)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), bits)
}

func overlaps(p netip.Prefix, taken []netip.Prefix) bool {
	for _, t := range taken {
		if t.Overlaps(p) {
			return true
		}
	}
	return false
}

func prefix(a netip.Addr) *net.IPNet {
	return &net.IPNet{IP: net.IP(a.AsSlice()), Mask: net.CIDRMask(bits, 32)}
}
