package network

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/thread"
)

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("needs nft: apt-get install nftables")
	}
}

// newTag is no other test's, of this process or another.
func newTag() string { return "pm" + strings.ToLower(rand.Text()[:10]) }

// in runs f in a network namespace.
func in(t testing.TB, path string, f func() error) error {
	t.Helper()
	return In(path, f)
}

// dial tells whether an address can be reached from a namespace.
func dial(t testing.TB, path, addr string) error {
	t.Helper()
	return in(t, path, func() error {
		c, err := net.DialTimeout("tcp", addr, 5*time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

func create(t testing.TB, tag string, o Options) *Network {
	t.Helper()
	n, err := Create(t.Context(), tag, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Destroy(context.Background(), tag); err != nil {
			t.Error(err)
		}
		if there, err := Exists(context.Background(), tag); there || err != nil {
			t.Errorf("after Destroy the network exists: %v, %v", there, err)
		}
	})
	return n
}

// listen accepts connections until the test ends and returns its address.
func listen(t testing.TB, at string) string {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

func port(addr string) uint16 { return netip.MustParseAddrPort(addr).Port() }

// outside makes a namespace that stands for the Internet, and returns its path, the
// host's address there, and one in it that listens.
func outside(t testing.TB) (ns string, host netip.Addr, addr string) {
	t.Helper()
	tag := newTag()
	ns = path(tag)
	if err := makeNamespace(ns); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := removeNamespace(ns); err != nil {
			t.Error(err)
		}
	})
	f, err := os.Open(ns)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	veth := netlink.NewVeth(netlink.LinkAttrs{Name: tag + "o"})
	veth.PeerName, veth.PeerNamespace = guestLink, netlink.NsFd(f.Fd())
	if err := netlink.LinkAdd(veth); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = netlink.LinkDel(veth) })
	// One of 64 small networks that are for documentation: another process may test
	// at the same time.
	n := Network{Host: nth(netip.MustParsePrefix("198.51.100.0/24"), uint32(os.Getpid())%64).Addr().Next()}
	n.Guest = n.Host.Next()
	l, err := netlink.LinkByName(veth.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(netlink.AddrAdd(l, &netlink.Addr{IPNet: prefix(n.Host)}), netlink.LinkSetUp(l), n.inside(int(f.Fd()))); err != nil {
		t.Fatal(err)
	}
	err = in(t, ns, func() error {
		addr = listen(t, "0.0.0.0:0")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ns, n.Host, netip.AddrPortFrom(n.Guest, port(addr)).String()
}

func TestReach(t *testing.T) {
	needRoot(t)
	neighbour, host, out := outside(t)
	onLoopback := listen(t, "127.0.0.1:0")
	everywhere := listen(t, "[::]:0")
	allowed := listen(t, host.String()+":0")
	open := listen(t, "0.0.0.0:0")
	n := create(t, newTag(), Options{Allow: []Service{
		{Addr: host, Port: port(allowed)}, {Port: port(open)},
	}})
	other := create(t, newTag(), Options{})
	var beside string
	if err := in(t, other.Path, func() error { beside = listen(t, "0.0.0.0:0"); return nil }); err != nil {
		t.Fatal(err)
	}

	at := func(a netip.Addr, addr string) string { return netip.AddrPortFrom(a, port(addr)).String() }
	for _, tt := range []struct {
		name, addr string
		reach      bool
	}{
		{"the outside", out, true},
		{"an allowed address of the host", allowed, true},
		{"an allowed port of the gateway", at(n.Host, open), true},
		{"the host's loopback", onLoopback, false},
		{"a loopback port at the gateway", at(n.Host, onLoopback), false},
		{"a service of the host at the gateway", at(n.Host, everywhere), false},
		{"a service of the host at another address", at(host, everywhere), false},
		{"another machine", at(other.Guest, beside), false},
		{"another machine's gateway", at(other.Host, open), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := dial(t, n.Path, tt.addr)
			if (err == nil) != tt.reach {
				t.Errorf("dial %s: %v, want reachable: %v", tt.addr, err, tt.reach)
			}
			if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
				t.Errorf("dial %s: %v, want a prompt refusal", tt.addr, err)
			}
		})
	}
	t.Run("nothing of the machine from outside", func(t *testing.T) {
		var inner string
		if err := in(t, n.Path, func() error { inner = listen(t, "0.0.0.0:0"); return nil }); err != nil {
			t.Fatal(err)
		}
		err := in(t, neighbour, func() error {
			c, err := net.DialTimeout("tcp", at(n.Guest, inner), time.Second)
			if err == nil {
				c.Close()
			}
			return err
		})
		if err == nil {
			t.Error("a neighbour of the host reached the machine")
		}
	})
	t.Run("no IPv6 to the host", func(t *testing.T) {
		l, err := netlink.LinkByName(link(n.Tag))
		if err != nil {
			t.Fatal(err)
		}
		addrs, err := listed(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_V6) })
		if err != nil || len(addrs) > 0 {
			t.Errorf("the host's end has IPv6 addresses %v, %v", addrs, err)
		}
	})
}

// TestMetadata: what a cloud tells the host of its secrets is told to no machine.
func TestMetadata(t *testing.T) {
	needRoot(t)
	ns, host, out := outside(t)
	// Stands for 169.254.169.254, which this host may need itself.
	secret := netip.AddrFrom4([4]byte{169, 254, 231, byte(1 + os.Getpid()%200)})
	links, err := listed(netlink.LinkList)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		addrs, _ := listed(func() ([]netlink.Addr, error) { return netlink.AddrList(l, netlink.FAMILY_V4) })
		for _, a := range addrs {
			if a.IP.String() != host.String() {
				continue
			}
			dst := &net.IPNet{IP: secret.AsSlice(), Mask: net.CIDRMask(32, 32)}
			route := &netlink.Route{LinkIndex: l.Attrs().Index, Dst: dst, Gw: net.IP(host.Next().AsSlice())}
			if err := netlink.RouteAdd(route); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = in(t, ns, func() error {
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		return netlink.AddrAdd(lo, &netlink.Addr{IPNet: &net.IPNet{IP: secret.AsSlice(), Mask: net.CIDRMask(32, 32)}})
	})
	if err != nil {
		t.Fatal(err)
	}
	at := netip.AddrPortFrom(secret, port(out)).String()
	c, err := net.DialTimeout("tcp", at, 5*time.Second)
	if err != nil {
		t.Fatal("the host itself cannot reach it: ", err)
	}
	c.Close()
	n := create(t, newTag(), Options{})
	if err := dial(t, n.Path, out); err != nil {
		t.Errorf("the outside: %v", err)
	}
	if err := dial(t, n.Path, at); err == nil {
		t.Error("a machine reaches the metadata of its host")
	} else if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
		t.Errorf("%v, want a prompt refusal", err)
	}
}

// TestTakenInAllTables: a network that only a rule's routing table knows is taken.
func TestTakenInAllTables(t *testing.T) {
	needRoot(t)
	want := netip.MustParsePrefix("198.18.7.0/24")
	err := thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		_, dst, err := net.ParseCIDR(want.String())
		if err != nil {
			return err
		}
		if err := errors.Join(netlink.LinkSetUp(lo), netlink.RouteAdd(&netlink.Route{LinkIndex: lo.Attrs().Index, Dst: dst, Table: 77})); err != nil {
			return err
		}
		nets, err := taken()
		if !slices.Contains(nets, want) {
			t.Errorf("taken are %v", nets)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTakenMeanwhile: what is taken can be told although links come and go.
func TestTakenMeanwhile(t *testing.T) {
	needRoot(t)
	err := thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		h, err := netlink.NewHandle()
		if err != nil {
			return err
		}
		defer h.Close()
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		for i := range 600 { // more than the kernel tells at once
			a := netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)})
			if err := netlink.AddrAdd(lo, &netlink.Addr{IPNet: prefix(a)}); err != nil {
				return err
			}
		}
		var stop atomic.Bool
		var others errgroup.Group
		others.Go(func() error {
			veth := netlink.NewVeth(netlink.LinkAttrs{Name: "other"})
			veth.PeerName = "peer"
			for !stop.Load() {
				if err := errors.Join(h.LinkAdd(veth), h.LinkDel(veth)); err != nil {
					return err
				}
			}
			return nil
		})
		for range 300 {
			if _, err = taken(); err != nil {
				break
			}
		}
		stop.Store(true)
		return errors.Join(err, others.Wait())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMany makes networks at the same time: no two overlap.
func TestMany(t *testing.T) {
	needRoot(t)
	const many = 20
	nets := make(chan *Network, many)
	var tags []string
	for range many {
		tags = append(tags, newTag())
	}
	for _, tag := range tags {
		go func() {
			n, err := Create(t.Context(), tag, Options{})
			if err != nil {
				t.Error(err)
			}
			nets <- n
		}()
	}
	t.Cleanup(func() {
		for _, tag := range tags {
			if err := Destroy(context.Background(), tag); err != nil {
				t.Error(err)
			}
		}
	})
	seen := map[netip.Addr]string{}
	for range many {
		n := <-nets
		if n == nil {
			continue
		}
		if tag := seen[n.Host]; tag != "" {
			t.Errorf("%s and %s have address %s", tag, n.Tag, n.Host)
		}
		seen[n.Host] = n.Tag
	}
}

func TestDestroyNothing(t *testing.T) {
	needRoot(t)
	for range 2 {
		if err := Destroy(t.Context(), newTag()); err != nil {
			t.Error(err)
		}
	}
}

// TestCreateFails leaves nothing when a part of the network is there already.
func TestCreateFails(t *testing.T) {
	needRoot(t)
	tag := newTag()
	taken := netlink.NewVeth(netlink.LinkAttrs{Name: link(tag)})
	taken.PeerName = tag + "p"
	if err := netlink.LinkAdd(taken); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), tag, Options{}); !errors.Is(err, unix.EEXIST) {
		t.Errorf("err = %v, want that the link exists", err)
	}
	if there, err := Exists(t.Context(), tag); there || err != nil {
		t.Errorf("something is left: %v, %v", there, err)
	}
	if _, err := Create(t.Context(), strings.Repeat("x", 15), Options{}); err == nil {
		t.Error("a tag is taken that makes no link name")
	}
}
