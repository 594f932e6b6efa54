package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func userKind() *kind {
	id := func(name string, _ *resource, _ state) string { return "id " + name }
	entry := func(name string, _ *resource, _ state) string { return "getent passwd " + name }
	return &kind{
		name: "user", title: "User", naming: "username",
		attributes: []attribute{
			{name: "exists", leads: true, is: "exists", isNot: "does not exist", hand: entry},
			{name: "uid", hand: id},
			{name: "gid", hand: id},
			{name: "home", hand: entry},
			{name: "groups", plural: true, hand: id},
			{name: "shell", hand: entry},
		},
		obvious: []want{{"exists", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindUser, Name: r.name} },
			func(_ *resource, u probe.User) state {
				if !u.Exists {
					return state{values: map[string]any{"exists": false}, absent: "no such user"}
				}
				return state{values: map[string]any{
					"exists": true, "uid": int64(u.UID), "gid": int64(u.GID), "home": u.Home, "groups": anyList(u.Groups), "shell": u.Shell,
				}}
			}),
	}
}
