package probe

import (
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func askAround(t *testing.T, a Around, q Question) (fact any, why error) {
	t.Helper()
	err := NewProber("/").Within(a).Round(t.Context(), []Question{q}, func(f any, e error) error { fact, why = f, e; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return fact, why
}

func TestHostKernel(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{
		"kernel.ostype": false, "kernel/ostype": false, "vm.swappiness": false, "fs.file-max": false, "network": false,
		"net.ipv4.ip_forward": true, "net/ipv4/ip_forward": true,
	} {
		_, err := askAround(t, Around{HostKernel: true}, Question{Kind: KindKernelParam, Name: name})
		if told != (err == nil) || !told && !strings.Contains(err.Error(), "host that builds") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := askAround(t, Around{}, Question{Kind: KindKernelParam, Name: name}); err != nil {
			t.Errorf("%s on a kernel of its own: %v", name, err)
		}
	}
}

// TestPortsOfOthers leaves out exactly the sockets that are named.
func TestPortsOfOthers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for not, want := range map[string]bool{
		"tcp:127.0.0.1:" + port: false,
		"udp:127.0.0.1:" + port: true, "tcp:127.0.0.2:" + port: true, "tcp:127.0.0.1:1" + port: true, "tcp6:[::1]:" + port: true,
	} {
		a := Around{Ports: []string{not}}
		fact, err := askAround(t, a, Question{Kind: KindPort, Name: "tcp:" + port})
		if err != nil || fact.(*Port).Listening != want {
			t.Errorf("without %s: %+v, %v", not, fact, err)
		}
		var again Around
		for args := a.Args(); len(args) > 0; {
			n := again.Arg(args)
			if n == 0 {
				t.Fatalf("argument %q is not understood", args)
			}
			args = args[n:]
		}
		if d := cmp.Diff(a, again); d != "" {
			t.Error(d)
		}
	}
}
