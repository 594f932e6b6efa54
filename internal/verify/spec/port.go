package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func portKind() *kind {
	hand := func(_ string, r *resource, _ state) string {
		proto, port, ok := strings.Cut(portName(r), ":")
		if !ok {
			proto, port = "tcp", proto
		}
		flags := "-Hlnt"
		if strings.HasPrefix(proto, "udp") {
			flags = "-Hlnu"
		}
		return "ss " + flags + " " + shellQuote("sport = :"+port)
	}
	return &kind{
		name: "port", title: "Port", naming: "port",
		settles: always,
		attributes: []attribute{
			{name: "listening", leads: true, is: "is listening", isNot: "is not listening", hand: hand},
			{name: "ip", aliases: []string{"ips"}, label: "addresses listened on", plural: true, hand: hand},
		},
		obvious: []want{{"listening", true}},
		malformed: func(name string) string {
			proto, port, ok := strings.Cut(name, ":")
			if !ok {
				proto, port = "tcp", name
			}
			n, err := strconv.ParseUint(port, 10, 16)
			if err != nil || n == 0 || !slices.Contains([]string{"tcp", "tcp6", "udp", "udp6"}, proto) {
				return `a number or such as "tcp:80", "tcp6:80", "udp:53"`
			}
			return ""
		},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindPort, Name: portName(r)} },
			func(_ *resource, p probe.Port) state {
				st := state{values: map[string]any{"listening": p.Listening, "ip": anyList(p.IP)}}
				if !p.Listening {
					st.absent = "nothing listens"
				}
				return st
			}),
	}
}

// portName adds the protocol that goss takes for a bare number. In a template a
// bare number is TCP of either IP version.
func portName(r *resource) string {
	if r.source == "goss" && !strings.Contains(r.name, ":") {
		return "tcp:" + r.name
	}
	return r.name
}
