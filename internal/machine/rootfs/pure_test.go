package rootfs

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	const passwd = "root:x:0:0:root:/root:/bin/bash\nweb:x:33:33::/var/www:/usr/sbin/nologin\n33:x:7:7::/odd:/bin/sh\nbroken\nbad:x:no:1::/:/bin/sh\n"
	const group = "root:x:0:\nweb:x:33:\nadm:x:4:syslog,web\nssl:x:110:web\nbroken\nlike:x:5:webby\n"
	tests := []struct {
		user string
		uid  uint32
		home string
		ok   bool
	}{
		{"root", 0, "/root", true}, {"web", 33, "/var/www", true},
		{"33", 7, "/odd", true}, // a name counts before a number
		{"0", 0, "/root", true}, {"nobody", 0, "", false}, {"bad", 0, "", false}, {"", 0, "", false},
	}
	for _, tt := range tests {
		a, err := lookup(tt.user, passwd, group)
		if (err == nil) != tt.ok || a.uid != tt.uid || a.home != tt.home {
			t.Errorf("lookup(%q) = %+v, %v", tt.user, a, err)
		}
	}
	if a, _ := lookup("web", passwd, group); !slices.Equal(a.groups, []uint32{4, 110}) {
		t.Errorf("groups of web = %v", a.groups)
	}
}

func FuzzLookup(f *testing.F) {
	f.Add("web", "web:x:33:33::/var/www:/bin/sh\n", "adm:x:4:web\n")
	f.Fuzz(func(t *testing.T, user, passwd, group string) {
		if a, err := lookup(user, passwd, group); err == nil && a.name == "" && user == "" {
			t.Error("a user without a name")
		}
	})
}

func TestBoundingSet(t *testing.T) {
	t.Parallel()
	got, err := boundingSet("Name:\tx\nCapEff:\tff\nCapBnd:\t0000000000000009\n")
	if want := "-all,+cap_0,+cap_3"; got != want || err != nil {
		t.Errorf("bounding set = %q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", "CapBnd:\tzz\n"} {
		if got, err := boundingSet(bad); err == nil {
			t.Errorf("bounding set of %q = %q", bad, got)
		}
	}
}

func TestResolver(t *testing.T) {
	t.Parallel()
	servers, search := parseResolver("# c\nnameserver 10.0.0.1\nnameserver bad\nnameserver ::1\nsearch a b\noptions x\nnameserver\n")
	if want := []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")}; !slices.Equal(servers, want) || !slices.Equal(search, []string{"a", "b"}) {
		t.Errorf("servers %v, search %v", servers, search)
	}
	gateway := netip.MustParseAddr("198.18.0.1")
	stub := Host{Nameservers: []netip.Addr{netip.MustParseAddr("127.0.0.53")}}
	if got := resolver(stub, gateway); !strings.Contains(got, "nameserver 198.18.0.1\n") || strings.Contains(got, "127.") {
		t.Errorf("with a server on loopback: %q", got)
	}
	cloud := Host{Nameservers: []netip.Addr{netip.MustParseAddr("169.254.169.254")}}
	if got := resolver(cloud, gateway); !strings.Contains(got, "nameserver 198.18.0.1\n") || strings.Contains(got, "169.254") {
		t.Errorf("with a server where a cloud tells secrets: %q", got)
	}
	if got := forwards(cloud); len(got) != 1 || got[0].to.String() != "169.254.169.254:53" {
		t.Errorf("forwards to it: %v", got)
	}
	both := Host{Nameservers: append(stub.Nameservers, netip.MustParseAddr("9.9.9.9")), Search: []string{"corp"}}
	if got := resolver(both, gateway); strings.Contains(got, "198.18") || !strings.Contains(got, "nameserver 9.9.9.9\nsearch corp\n") {
		t.Errorf("with another server: %q", got)
	}
}

func TestProxySettings(t *testing.T) {
	t.Parallel()
	gateway := netip.MustParseAddr("198.18.0.1")
	for in, want := range map[string]string{
		"http://127.0.0.1:3128": "http://198.18.0.1:3128", "http://u:p@localhost:3128/": "http://u:p@198.18.0.1:3128/",
		"localhost:8080": "http://198.18.0.1:8080", "http://[::1]": "http://198.18.0.1:80",
		"http://proxy.corp:3128": "http://proxy.corp:3128", "http://10.0.0.9:1": "http://10.0.0.9:1", "": "",
	} {
		if got := through(in, gateway); got != want {
			t.Errorf("through(%q) = %q, want %q", in, got, want)
		}
	}
	h := Host{
		HTTPProxy: "http://127.0.0.1:3128", HTTPSProxy: "http://localhost:3128", AptProxy: "http://10.0.0.9:3142",
		Nameservers: []netip.Addr{netip.MustParseAddr("127.0.0.53")},
	}
	var ports []uint16
	for _, f := range forwards(h) {
		ports = append(ports, f.port)
	}
	if !slices.Equal(ports, []uint16{3128, 53}) {
		t.Errorf("forwarded ports = %v", ports)
	}
	var open []string
	for _, s := range allowed(h) {
		open = append(open, netip.AddrPortFrom(s.Addr, s.Port).String())
	}
	if want := []string{"10.0.0.9:3142", "invalid AddrPort", "invalid AddrPort"}; !slices.Equal(open, want) {
		t.Errorf("allowed = %v, want %v", open, want)
	}
	if env := proxyEnv(h, gateway); env["http_proxy"] != "http://198.18.0.1:3128" || env["HTTPS_PROXY"] == "" || env["no_proxy"] != "localhost,127.0.0.1,::1" {
		t.Errorf("environment = %v", env)
	}
	h.NoProxy = "mirror.corp, 127.0.0.1"
	if env := proxyEnv(h, gateway); env["NO_PROXY"] != "mirror.corp,127.0.0.1,localhost,::1" {
		t.Errorf("environment = %v", env)
	}
	if env := proxyEnv(Host{}, gateway); len(env) != 0 {
		t.Errorf("environment without a proxy = %v", env)
	}
}

func TestHostnames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"web": true, "a.b-c": true, "": false, "-x": false, "x y": false, "x;y": false, strings.Repeat("a", 65): false,
	} {
		if got := validHostname(name); got != ok {
			t.Errorf("validHostname(%q) = %v", name, got)
		}
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"web": "web", "a/b": "a-b", "../x": "-x", "": "image", "..": "image", "x\ny": "x-y"} {
		if got := pathElement(in); got != want {
			t.Errorf("pathElement(%q) = %q, want %q", in, got, want)
		}
	}
}
