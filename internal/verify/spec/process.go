package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func processKind() *kind {
	return &kind{
		name: "process", title: "Process", naming: "comm",
		settles: always,
		attributes: []attribute{
			{name: "running", is: "is running", isNot: "is not running", hand: func(name string, _ *resource, _ state) string { return "pgrep -x " + name }},
		},
		obvious: []want{{"running", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindProcess, Name: r.name} },
			func(_ *resource, p probe.Process) state {
				return state{values: map[string]any{"running": p.Running}}
			}),
	}
}
