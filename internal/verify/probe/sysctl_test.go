package probe

import (
	"os"
	"strings"
	"testing"
)

func TestSysctlPath(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"net.ipv4.ip_forward":             "/proc/sys/net/ipv4/ip_forward",
		"net/ipv4/ip_forward":             "/proc/sys/net/ipv4/ip_forward",
		"net.ipv4.conf.eth0/1.forwarding": "/proc/sys/net/ipv4/conf/eth0.1/forwarding",
		"net/ipv4/conf/eth0.1/forwarding": "/proc/sys/net/ipv4/conf/eth0.1/forwarding",
		"":                                "",
		"net/../../../etc/shadow":         "",
		"net.//.//.etc":                   "",
		"/etc/passwd":                     "",
	}
	for name, want := range tests {
		got, err := sysctlPath(name)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("sysctlPath(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestKernelParam(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("/proc/sys/kernel/ostype")
	if err != nil {
		t.Fatal(err)
	}
	got := one[KernelParam](t, "/", Question{Kind: KindKernelParam, Name: "kernel.ostype"})
	if !got.Exists || got.Value != strings.TrimSpace(string(want)) {
		t.Errorf("got %+v", got)
	}
	for _, name := range []string{"kernel.no_such_parameter", "kernel", "kernel.ostype.below"} {
		if got := one[KernelParam](t, "/", Question{Kind: KindKernelParam, Name: name}); got.Exists {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
