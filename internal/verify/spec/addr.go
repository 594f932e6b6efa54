package spec

import (
	"net"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func addrKind() *kind {
	return &kind{
		name: "addr", title: "Address", naming: "address",
		settles: always,
		options: map[string]optionType{"timeout": optDuration, "local-address": optText},
		attributes: []attribute{
			{name: "reachable", is: "is reachable", isNot: "is not reachable", hand: connectByHand},
		},
		obvious: []want{{"reachable", true}},
		observe: asking(
			func(r *resource) probe.Question {
				name := r.name
				if !strings.Contains(name, "://") {
					name = "tcp://" + name
				}
				args := map[string]string{"timeout": r.timeout(500 * time.Millisecond).String()}
				return probe.Question{Kind: probe.KindAddr, Name: name, Args: r.arguments(args, "local-address")}
			},
			func(_ *resource, a probe.Addr) state {
				st := state{values: map[string]any{"reachable": a.Reachable}}
				if !a.Reachable && a.Err != "" {
					st.instead = map[string]string{"reachable": a.Err}
				}
				return st
			}),
	}
}

func connectByHand(_ string, r *resource, _ state) string {
	proto, address, ok := strings.Cut(r.name, "://")
	if !ok {
		proto, address = "tcp", r.name
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	flags := "-zv"
	if proto == "udp" {
		flags = "-zuv"
	}
	return "nc " + flags + " " + shellQuote(host) + " " + shellQuote(port)
}
