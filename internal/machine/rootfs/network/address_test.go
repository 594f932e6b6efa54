package network

import (
	"net/netip"
	"testing"
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
