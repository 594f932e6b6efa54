package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func groupKind() *kind {
	entry := func(name string, _ *resource, _ state) string { return "getent group " + name }
	return &kind{
		name: "group", title: "Group", naming: "groupname",
		attributes: []attribute{
			{name: "exists", leads: true, is: "exists", isNot: "does not exist", hand: entry},
			{name: "gid", hand: entry},
			{name: "members", plural: true, hand: entry},
		},
		obvious: []want{{"exists", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindGroup, Name: r.name} },
			func(_ *resource, g probe.Group) state {
				if !g.Exists {
					return state{values: map[string]any{"exists": false}, absent: "no such group"}
				}
				return state{values: map[string]any{"exists": true, "gid": int64(g.GID), "members": anyList(g.Members)}}
			}),
	}
}
