package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func interfaceKind() *kind {
	hand := func(name string, _ *resource, _ state) string { return "ip addr show " + name }
	return &kind{
		name: "interface", title: "Interface", naming: "name",
		settles: always,
		attributes: []attribute{
			{name: "exists", leads: true, is: "exists", isNot: "does not exist", hand: hand},
			{name: "addrs", label: "addresses", plural: true, hand: hand},
			{name: "mtu", label: "MTU", hand: hand},
		},
		obvious: []want{{"exists", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindInterface, Name: r.name} },
			func(_ *resource, i probe.Interface) state {
				if !i.Exists {
					return state{values: map[string]any{"exists": false}, absent: "no such interface"}
				}
				return state{values: map[string]any{"exists": true, "addrs": anyList(i.Addrs), "mtu": int64(i.MTU)}}
			}),
	}
}
