package probe

import (
	"cmp"
	"net"
	"os"
	"slices"
	"testing"
)

// TestSockDiagIsProc compares what the kernel tells with its tables, about sockets of
// this test: others come and go.
func TestSockDiagIsProc(t *testing.T) {
	t.Parallel()
	ours := map[int]bool{}
	for network, addrs := range map[string][]string{"tcp": {"127.0.0.1:0", "[::1]:0", "[::]:0", "0.0.0.0:0"}, "udp": {"127.0.0.1:0", "[::1]:0", "[::]:0"}} {
		for _, addr := range addrs {
			if network == "tcp" {
				l, err := net.Listen(network, addr)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { l.Close() })
				ours[l.Addr().(*net.TCPAddr).Port] = true
				c, err := net.Dial(network, l.Addr().String()) // a connection is no listener
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				continue
			}
			c, err := net.ListenPacket(network, addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			ours[c.LocalAddr().(*net.UDPAddr).Port] = true
		}
	}
	keep := func(all []socket) []socket {
		all = slices.DeleteFunc(all, func(s socket) bool { return !ours[s.port] })
		slices.SortFunc(all, func(a, b socket) int { return cmp.Or(a.port-b.port, a.ip.Compare(b.ip)) })
		return all
	}
	total := 0
	for _, proto := range []string{"tcp", "tcp6", "udp", "udp6"} {
		got, err := diagSockets(proto)
		if err != nil {
			t.Skipf("needs a kernel that tells of sockets by netlink: %v", err)
		}
		f, err := os.Open("/proc/net/" + proto)
		if err != nil {
			t.Fatal(err)
		}
		want, err := parseSockets(f, proto)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		got, want = keep(got), keep(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", proto, got, want)
		}
		total += len(got)
	}
	if total < len(ours) { // others may have the same port of another address
		t.Errorf("%d sockets found of %d", total, len(ours))
	}
}

func FuzzParseDiag(f *testing.F) {
	f.Add([]byte{20, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{20, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 254, 255, 255, 255})
	f.Add(append([]byte{88, 0, 0, 0, 20, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 10, 0, 0, 0, 80}, make([]byte, 66)...))
	f.Fuzz(func(t *testing.T, buf []byte) {
		list, _, _ := parseDiag(buf, "tcp")
		if len(list) > len(buf)/diagMessageSize {
			t.Errorf("%d sockets in %d bytes", len(list), len(buf))
		}
	})
}
