package probe

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSockets(t *testing.T) {
	t.Parallel()
	// As printed by a little-endian kernel.
	tcp := `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 20 1 0 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 0 100 0 0 10 0
   2: 0100007F:0050 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 22 1 0 100 0 0 10 0
   3: nonsense
`
	got, err := parseSockets(strings.NewReader(tcp), "tcp")
	if err != nil {
		t.Fatal(err)
	}
	want := []socket{{"tcp", netip.MustParseAddr("127.0.0.1"), 631}, {"tcp", netip.MustParseAddr("0.0.0.0"), 80}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(socket{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	udp6 := "h\n 5: 000080FE00000000FF005450FE000000:0035 00000000000000000000000000000000:0000 07 0 0\n"
	got, err = parseSockets(strings.NewReader(udp6), "udp6")
	if err != nil || len(got) != 1 || got[0].ip.String() != "fe80::5054:ff:0:fe" || got[0].port != 53 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestPortOfThisHost(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	tcp := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	udp := strconv.Itoa(u.LocalAddr().(*net.UDPAddr).Port)
	for _, name := range []string{tcp, "tcp:" + tcp, "udp:" + udp} {
		p := one[Port](t, "/", Question{Kind: KindPort, Name: name})
		if diff := cmp.Diff(&Port{Listening: true, IP: []string{"127.0.0.1"}}, p); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p := one[Port](t, "/", Question{Kind: KindPort, Name: "tcp6:" + tcp}); p.Listening {
		t.Error("an IPv4 socket listens on tcp6")
	}
	_, errs := answers(t, "/", Question{Kind: KindPort, Name: "sctp:1"}, Question{Kind: KindPort, Name: "tcp:65536"}, Question{Kind: KindPort, Name: ""})
	for i, err := range errs {
		if err == nil {
			t.Errorf("question %d has no error", i)
		}
	}
}

func FuzzParseSockets(f *testing.F) {
	f.Add("h\n 0: 0100007F:0277 00000000:0000 0A\n")
	f.Add("0: 000080FE00000000FF005450FE000000:0035 x 07\n0: 0:0 0 0A\n: : : 0A")
	f.Fuzz(func(t *testing.T, text string) {
		for _, proto := range []string{"tcp", "udp6"} {
			list, err := parseSockets(strings.NewReader(text), proto)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				if !s.ip.IsValid() || s.port < 0 || s.port > 65535 {
					t.Errorf("%+v", s)
				}
			}
		}
	})
}
