package spec

import (
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func dnsKind() *kind {
	return &kind{
		name: "dns", title: "DNS", naming: "resolve",
		settles: always,
		options: map[string]optionType{"timeout": optDuration, "server": optText},
		attributes: []attribute{
			{name: "resolvable", aliases: []string{"resolveable"}, leads: true, is: "resolves", isNot: "does not resolve", hand: resolveByHand},
			{name: "addrs", label: "addresses", plural: true, hand: resolveByHand},
		},
		obvious: []want{{"resolvable", true}},
		observe: asking(
			func(r *resource) probe.Question {
				args := map[string]string{"timeout": r.timeout(500 * time.Millisecond).String()}
				return probe.Question{Kind: probe.KindDNS, Name: r.name, Args: r.arguments(args, "server")}
			},
			func(_ *resource, d probe.DNS) state {
				st := state{values: map[string]any{"resolvable": d.Resolvable, "addrs": anyList(d.Addrs)}}
				if !d.Resolvable {
					st.absent = "does not resolve"
					if d.Err != "" {
						st.instead = map[string]string{"resolvable": d.Err}
					}
				}
				return st
			}),
	}
}

func resolveByHand(_ string, r *resource, _ state) string {
	record, host, ok := strings.Cut(r.name, ":")
	if !ok || record == "" || strings.Trim(record, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		record, host = "", r.name
	}
	server := r.text("server")
	if server == "" && record == "" {
		return "getent ahosts " + shellQuote(host)
	}
	words := []string{"dig", "+short"}
	if server != "" {
		name, port, ok := strings.Cut(server, ":")
		words = append(words, shellQuote("@"+name))
		if ok {
			words = append(words, "-p", shellQuote(port))
		}
	}
	if record == "PTR" {
		words = append(words, "-x")
	} else if record != "" {
		words = append(words, record)
	}
	return strings.Join(append(words, shellQuote(host)), " ")
}
