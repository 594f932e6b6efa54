package network

import (
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPick(t *testing.T) {
	t.Parallel()
	prefixes := func(s ...string) (list []netip.Prefix) {
		for _, p := range s {
			list = append(list, netip.MustParsePrefix(p))
		}
		return list
	}
	tests := []struct {
		name   string
		pools  []string
		taken  []netip.Prefix
		random uint32
		want   string // "" for an error
	}{
		{"first", []string{"198.18.0.0/15"}, nil, 0, "198.18.0.0/30"},
		{"random", []string{"198.18.0.0/15"}, nil, 1 << 14, "198.19.0.0/30"},
		{"random beyond the pool", []string{"198.18.0.0/15"}, nil, 1<<15 + 1, "198.18.0.4/30"},
		{"next to a taken one", []string{"198.18.0.0/15"}, prefixes("198.18.0.0/30", "198.18.0.6/32"), 0, "198.18.0.8/30"},
		{"around the end", []string{"10.0.0.0/29"}, prefixes("10.0.0.4/30"), 1, "10.0.0.0/30"},
		{"second pool", []string{"10.0.0.0/29", "10.1.0.0/29"}, prefixes("10.0.0.0/16"), 1, "10.1.0.4/30"},
		{"a route inside", []string{"10.0.0.0/30"}, prefixes("10.0.0.2/32"), 0, ""},
		{"none left", []string{"10.0.0.0/29"}, prefixes("10.0.0.0/8"), 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pick(tt.pools, tt.taken, func() uint32 { return tt.random })
			switch {
			case tt.want == "" && err == nil:
				t.Errorf("picked %v, want an error", got)
			case tt.want != "" && (err != nil || got.String() != tt.want):
				t.Errorf("picked %v, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// TestClaimed: a tunnel that takes all traffic leaves the pools free.
func TestClaimed(t *testing.T) {
	t.Parallel()
	for route, want := range map[string]bool{
		"0.0.0.0/0": false, "0.0.0.0/1": false, "128.0.0.0/1": false, "10.0.0.0/8": true, "192.0.2.7/32": true, "2001:db8::/32": false,
	} {
		_, n, err := net.ParseCIDR(route)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := claimed(n)
		if ok != want || ok && p.String() != route {
			t.Errorf("%s claims %v, %v", route, p, ok)
		}
	}
	if _, ok := claimed(nil); ok {
		t.Error("no destination claims something")
	}
}

func TestNoIPv6(t *testing.T) {
	t.Parallel()
	for err, want := range map[unix.Errno]bool{unix.EAFNOSUPPORT: true, unix.EOPNOTSUPP: true, unix.EPERM: false, unix.ENODEV: false} {
		if noIPv6(err) != want {
			t.Errorf("noIPv6(%v) = %v", err, !want)
		}
	}
}
