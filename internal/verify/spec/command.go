package spec

import (
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func commandKind() *kind {
	hand := func(_ string, r *resource, _ state) string { return r.name }
	timeout := func(r *resource) time.Duration { return r.timeout(10 * time.Second) }
	return &kind{
		name: "command", title: "Command", naming: "exec",
		settles: always,
		options: map[string]optionType{"timeout": optDuration},
		attributes: []attribute{
			{name: "exit-status", label: "exit status", hand: hand},
			{name: "stdout", form: text, label: "standard output", hand: hand},
			{name: "stderr", form: text, label: "standard error", hand: hand},
		},
		obvious: []want{{"exit-status", int64(0)}},
		observe: asking(
			func(r *resource) probe.Question {
				return probe.Question{Kind: probe.KindCommand, Name: r.name, Args: map[string]string{"timeout": timeout(r).String()}}
			},
			func(r *resource, c probe.Command) state {
				if c.TimedOut {
					why := fmt.Sprintf("still running after %s", timeout(r))
					return state{instead: map[string]string{"exit-status": why, "stdout": why, "stderr": why}}
				}
				st := state{values: map[string]any{"exit-status": int64(c.Exit), "stdout": string(c.Stdout), "stderr": string(c.Stderr)}}
				if c.Cut {
					why := "the output is too long to be searched"
					st.unknown = map[string]string{"stdout": why, "stderr": why}
				}
				return st
			}),
	}
}
