package resource

import (
	"net/netip"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var portRows = []row{
	{of: one("port"), method: "listening?", params: "with on", ask: listening, fact: listeningFact},
}

var protocols = map[string]string{"": "-tunl", "tcp": "-tnl4", "tcp6": "-tnl6", "udp": "-unl4", "udp6": "-unl6"}

// listening looks for the port behind any local address, in all protocols unless one
// is named. "tcp" is IPv4 alone, where a socket for both is one of IPv6.
func listening(a *asking) Value {
	proto, ip := a.protocol(), a.arg("on")
	if _, err := netip.ParseAddr(ip); a.has("on") && err != nil {
		return a.raise("ArgumentError", "`be_listening` matcher requires valid IPv4 or IPv6 address")
	}
	if _, ok := protocols[proto]; !ok {
		return a.raise("ArgumentError", "`be_listening` matcher doesn't support %s", proto)
	}
	if !ss(a.host.Platform) {
		return a.check("netstat -tunl | grep -- " + escape(netstatPattern(a.plain(), proto, ip)))
	}
	pattern := ":" + a.plain() + " "
	switch {
	case ip == "0.0.0.0": // which old versions print as an asterisk
		pattern = ` \*` + pattern + `| 0\.0\.0\.0` + pattern
	case strings.Contains(ip, ":"):
		pattern = ` \[` + ip + `\]` + pattern
	case ip != "":
		pattern = " " + ip + pattern
	}
	options := protocols[proto]
	if a.host.Strict {
		options = strings.TrimRight(options, "46")
		if strings.HasSuffix(proto, "6") {
			options += "6"
		}
	}
	return a.check("ss " + options + " | grep -E -- " + escape(pattern))
}

func netstatPattern(port, proto, ip string) string {
	pattern := ":" + port + " "
	if ip != "" {
		pattern = " " + ip + pattern
	}
	if proto != "" {
		pattern = "^" + proto + " .*" + pattern
	}
	return pattern
}

func (a *asking) protocol() string { return strings.ToLower(a.arg("with")) }

// listeningFact is for ports by number, on whatever address.
func listeningFact(a *asking) (Value, bool) {
	proto, number := a.protocol(), a.plain()
	if a.has("on") || !digits(number) || len(number) > 5 || number[0] == '0' {
		return nil, false
	}
	asked := []string{proto}
	switch {
	case proto == "":
		asked = []string{"tcp", "tcp6", "udp", "udp6"}
	case protocols[proto] == "":
		return nil, false
	case a.host.Strict && (proto == "tcp" || proto == "udp"):
		asked = []string{proto, proto + "6"}
	}
	found, all := false, true
	for _, p := range asked {
		port, ok := know[probe.Port](a, probe.KindPort, p+":"+number, nil)
		found, all = found || port.Listening, all && ok
	}
	return Bool(found), all
}
