package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
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

// outside makes a namespace that stands for the Internet, and returns an address
// that listens there.
func outside(t testing.TB, tag string) string {
	t.Helper()
	ns := path(tag)
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
	n := Network{Host: netip.MustParseAddr("198.51.100.1"), Guest: netip.MustParseAddr("198.51.100.2")}
	l, err := netlink.LinkByName(veth.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(netlink.AddrAdd(l, &netlink.Addr{IPNet: prefix(n.Host)}), netlink.LinkSetUp(l), n.inside(int(f.Fd()))); err != nil {
		t.Fatal(err)
	}
	var addr string
	err = in(t, ns, func() error {
		addr = listen(t, n.Guest.String()+":0")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestReach(t *testing.T) {
	needRoot(t)
	out := outside(t, "pmtestout")
	onLoopback := listen(t, "127.0.0.1:0")
	everywhere := listen(t, "[::]:0")
	allowed := listen(t, "198.51.100.1:0")
	open := listen(t, "0.0.0.0:0")
	n := create(t, "pmtestreach8", Options{Allow: []Service{
		{Addr: netip.MustParseAddr("198.51.100.1"), Port: port(allowed)}, {Port: port(open)},
	}})
	other := create(t, "pmtestreach9", Options{})
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
		{"a service of the host at another address", at(netip.MustParseAddr("198.51.100.1"), everywhere), false},
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
		err := in(t, path("pmtestout"), func() error {
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
		addrs, err := netlink.AddrList(l, netlink.FAMILY_V6)
		if err != nil || len(addrs) > 0 {
			t.Errorf("the host's end has IPv6 addresses %v, %v", addrs, err)
		}
	})
}

// TestMany makes networks at the same time: no two overlap.
func TestMany(t *testing.T) {
	needRoot(t)
	const many = 20
	nets := make(chan *Network, many)
	for i := range many {
		go func() {
			n, err := Create(t.Context(), fmt.Sprintf("pmtestmany%02d", i), Options{})
			if err != nil {
				t.Error(err)
			}
			nets <- n
		}()
	}
	t.Cleanup(func() {
		for i := range many {
			if err := Destroy(context.Background(), fmt.Sprintf("pmtestmany%02d", i)); err != nil {
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
		if err := Destroy(t.Context(), "pmtestnever0"); err != nil {
			t.Error(err)
		}
	}
}

// TestCreateFails leaves nothing when a part of the network is there already.
func TestCreateFails(t *testing.T) {
	needRoot(t)
	const tag = "pmtestfails0"
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
