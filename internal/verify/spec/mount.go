package spec

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func mountKind() *kind {
	find := func(name string, _ *resource, _ state) string { return "findmnt " + name }
	return &kind{
		name: "mount", title: "Mount", naming: "mountpoint",
		settles: always,
		options: map[string]optionType{"timeout": optDuration},
		attributes: []attribute{
			{name: "exists", leads: true, is: "is mounted", isNot: "is not mounted", hand: find},
			{name: "opts", label: "options", plural: true, hand: find},
			{name: "vfs-opts", label: "file system options", plural: true, hand: find},
			{name: "source", hand: find},
			{name: "filesystem", label: "file system", hand: find},
			{name: "usage", label: "usage in percent", hand: func(name string, _ *resource, _ state) string { return "df " + name }},
		},
		obvious: []want{{"exists", true}},
		observe: asking(
			func(r *resource) probe.Question {
				return probe.Question{Kind: probe.KindMount, Name: r.name, Args: map[string]string{"timeout": r.timeout(time.Second).String()}}
			},
			func(_ *resource, m probe.Mount) state {
				if !m.Exists {
					return state{values: map[string]any{"exists": false}, absent: "not mounted"}
				}
				return state{values: map[string]any{
					"exists": true, "opts": anyList(m.Opts), "vfs-opts": anyList(m.VFSOpts),
					"source": m.Source, "filesystem": m.Filesystem, "usage": int64(m.Usage),
				}}
			}),
	}
}
