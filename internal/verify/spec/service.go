package spec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func serviceKind() *kind {
	run := func(verb string) func(string, *resource, state) string {
		return func(name string, _ *resource, _ state) string { return "systemctl " + verb + " " + name }
	}
	return &kind{
		name: "service", title: "Service", naming: "name",
		settles: func(_ *resource, attribute string) bool { return attribute == "running" },
		attributes: []attribute{
			{name: "enabled", is: "is enabled", isNot: "is not enabled", hand: run("is-enabled")},
			{name: "running", is: "is running", isNot: "is not running", hand: run("is-active")},
			{name: "runlevels", label: "run levels", plural: true, hand: run("show -p WantedBy")},
		},
		obvious: []want{{"enabled", true}, {"running", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindService, Name: r.name} },
			func(_ *resource, s probe.Service) state {
				st := state{
					values:  map[string]any{"enabled": s.Enabled, "running": s.Running, "runlevels": anyList(s.RunLevels)},
					instead: map[string]string{},
					over:    !s.Exists || strings.HasPrefix(s.State, "failed/"),
				}
				if !s.Exists {
					st.instead["enabled"], st.instead["running"] = "no such service", "no such service"
					return st
				}
				if s.Err != "" {
					st.unknown = map[string]string{"running": s.Err}
				}
				if s.UnitFile != "" {
					st.instead["enabled"] = s.UnitFile
				}
				if s.State != "" {
					st.instead["running"] = s.State
				}
				return st
			}),
	}
}
