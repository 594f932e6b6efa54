package rootfs

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestRootlessSurroundings: the builder tells of each of its own listeners in a
// machine, and of nothing else.
func TestRootlessSurroundings(t *testing.T) {
	if os.Getenv(asUserEnv) == "" {
		asUser(t, "TestRootlessSurroundings")
		return
	}
	r := try(t, Config{Archive: tiny(t, nil)})
	r.b.host = func() (Host, error) {
		return Host{HTTPProxy: "http://127.0.0.1:3142", Nameservers: []netip.Addr{netip.MustParseAddr("127.0.0.53")}}, nil
	}
	// 0A listens, 07 takes datagrams; 127.0.0.1:53, 127.0.0.1:3142.
	got := strings.Fields(r.sh(0, `cd /proc/net; for p in tcp udp; do while read n local remote state rest; do
		case $state in 0A | 07) echo $p:$local;; esac; done < $p; done`))
	slices.Sort(got)
	if want := []string{"tcp:0100007F:0035", "tcp:0100007F:0C46", "udp:0100007F:0035"}; !slices.Equal(got, want) {
		t.Errorf("in the machine listen %q, want %q", got, want)
	}
	if routes := r.sh(0, "ip route show type unreachable"); !strings.Contains(routes, "169.254.0.0/16") {
		t.Errorf("the host's metadata can be reached: %q", routes)
	}
	s := r.m.(machine.Surrounded).Surroundings()
	slices.Sort(s.Ports)
	if want := []string{"tcp:127.0.0.1:3142", "tcp:127.0.0.1:53", "udp:127.0.0.1:53"}; !slices.Equal(s.Ports, want) || !s.HostKernel {
		t.Errorf("surroundings are %+v, want ports %q", s, want)
	}
}

// TestSurroundings: with root nothing listens inside.
func TestSurroundings(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	r.b.host = func() (Host, error) {
		return Host{HTTPProxy: "http://127.0.0.1:3142", Nameservers: []netip.Addr{netip.MustParseAddr("127.0.0.53")}}, nil
	}
	if got := r.sh(0, "grep -c ' 0A ' /proc/net/tcp || :"); got != "0" {
		t.Errorf("%s ports listen in the machine", got)
	}
	if s := r.m.(machine.Surrounded).Surroundings(); len(s.Ports) > 0 || !s.HostKernel {
		t.Errorf("surroundings are %+v", s)
	}
}
