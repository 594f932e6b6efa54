package resource

import (
	"regexp"
	"strings"
	"sync"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var hostRows = []row{
	{of: one("host"), method: "resolvable?", params: "by", ask: check(resolvable)},
	{of: one("host"), method: "reachable?", params: "port proto timeout", ask: check(reachable)},
	{of: one("host"), method: "ipaddress", ask: prints(func(a *asking) string { return "getent hosts " + a.name() + " | awk '{print $1}'" })},
	{of: one("host"), method: "ipv4_address", ask: prints(func(a *asking) string { return "getent ahostsv4 " + a.name() + " | awk '{print $1; exit}'" })},
	{of: one("host"), method: "ipv6_address", ask: prints(func(a *asking) string { return "getent ahostsv6 " + a.name() + " | awk '{print $1; exit}'" })},
}

// resolvable by "hosts" searches the file itself, comments and all, whatever sed makes
// of it; strict searches what sed leaves.
func resolvable(a *asking) string {
	switch a.arg("by") {
	case "dns":
		return "lookup=$(nslookup -timeout=1 " + a.name() + ` | grep -A1 'Name:' | grep Address | awk -F': ' '{print $2}'); if [ "$lookup" ]; then $(exit 0); else $(exit 1); fi`
	case "hosts":
		if a.host.Strict {
			return "sed 's/#.*$//' /etc/hosts | grep -w -- " + a.name()
		}
		return "sed 's/#.*$//' /etc/hosts | grep -w -- " + a.name() + " /etc/hosts"
	}
	return "getent hosts " + a.name()
}

func reachable(a *asking) string {
	port, proto, timeout := a.args["port"], "tcp", "5"
	given, _ := a.args["with"].(Hash)
	if v := given.get("port"); v != nil {
		port = v
	}
	for name, into := range map[string]*string{"proto": &proto, "timeout": &timeout} {
		if a.has(name) {
			*into = a.arg(name)
		}
		if v := given.get(name); v != nil {
			*into = Text(v)
		}
	}
	if port == nil {
		return "ping -w " + escape(timeout) + " -c 2 -n " + a.name()
	}
	letter := proto[:min(1, len(proto))]
	to := a.name() + " " + escape(Text(port))
	switch p := a.host.Platform; {
	case p.is("redhat", "fedora") && p.major() >= 7, p.is("amazon") && p.major() >= 7 && p.major() <= 2000:
		return "ncat -vvvv" + escape(letter) + " " + to + " -w " + escape(timeout) + " -i " + escape(timeout) + " 2>&1 | grep -q SUCCESS"
	case alpine(p):
		if letter != "u" && letter != "U" {
			letter = ""
		}
		return "nc -w " + escape(timeout) + " -vvvvz" + strings.ToLower(letter) + " " + to
	}
	return "nc -w " + escape(timeout) + " -vvvvz" + escape(letter) + " " + to
}

var interfaceRows = []row{
	{of: []string{"interface", "bond", "bridge"}, method: "exists?", ask: check(func(a *asking) string { return "ip link show " + a.plain() }), fact: interfaceExists},
	{of: one("interface"), method: "up?", ask: func(a *asking) Value {
		return Bool(strip(a.stdout("cat "+a.sysfs("operstate"))) == "up")
	}, fact: func(a *asking) (Value, bool) { v, ok := a.interfaceFile("operstate"); return Bool(v == "up"), ok }},
	{of: one("interface"), method: "speed", ask: interfaceNumber("speed"), fact: interfaceNumberFact("speed")},
	{of: one("interface"), method: "mtu", ask: interfaceNumber("mtu"), fact: interfaceNumberFact("mtu")},
	{of: one("interface"), method: "has_ipv4_address?", params: "address", ask: check(func(a *asking) string {
		return "ip -4 addr show " + a.plain() + " | grep 'inet " + strings.ReplaceAll(delimited(a.arg("address")), ".", `\.`) + "'"
	})},
	{of: one("interface"), method: "has_ipv6_address?", params: "address", ask: check(func(a *asking) string {
		return "ip -6 addr show " + a.plain() + " | grep 'inet6 " + strings.ToLower(delimited(a.arg("address"))) + "'"
	})},
	{of: one("interface"), method: "ipv4_address", ask: prints(func(a *asking) string {
		return "ip -4 addr show " + a.plain() + " | grep " + a.plain() + "$ | awk '{print $2}'"
	})},
	{of: one("interface"), method: "ipv6_address", ask: prints(func(a *asking) string {
		return "ip -6 addr show " + a.plain() + " | grep inet6 | awk '{print $2}'"
	})},
	{of: one("bond"), method: "has_interface?", params: "interface", ask: check(func(a *asking) string {
		return "grep -o 'Slave Interface: " + a.arg("interface") + "' /proc/net/bonding/" + a.plain()
	})},
	{of: one("bridge"), method: "has_interface?", params: "interface", ask: check(func(a *asking) string {
		return "brctl show " + a.plain() + " | grep -o " + a.arg("interface")
	})},
}

var withPrefix = regexp.MustCompile(`(?m)/\d+$`)

// delimited ends an address where ip's output does: behind its prefix, or before it.
func delimited(address string) string {
	if withPrefix.MatchString(address) {
		return address + " "
	}
	return address + "/"
}

func (a *asking) sysfs(file string) string { return "/sys/class/net/" + a.plain() + "/" + file }

var interfaceName = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9_.-]{0,14}\z`)

// interfaceExists decides that it does: by its other names, ip may still find it.
func interfaceExists(a *asking) (Value, bool) {
	if !interfaceName.MatchString(a.plain()) {
		return nil, false
	}
	i, ok := know[probe.Interface](a, probe.KindInterface, a.plain(), nil)
	return Bool(true), ok && i.Exists
}

func interfaceNumber(file string) func(*asking) Value {
	return func(a *asking) Value { return number(strip(a.stdout("cat " + a.sysfs(file)))) }
}

func (a *asking) interfaceFile(file string) (string, bool) {
	if !interfaceName.MatchString(a.plain()) {
		return "", false
	}
	f, ok := know[probe.File](a, probe.KindFile, a.sysfs(file), map[string]string{"content": "1"})
	return strip(string(f.Content)), ok && f.ReadErr == ""
}

func interfaceNumberFact(file string) func(*asking) (Value, bool) {
	return func(a *asking) (Value, bool) {
		v, ok := a.interfaceFile(file)
		return number(v), ok
	}
}

var routeRows = []row{
	{of: one("routing_table"), method: "has_entry?", params: "entry", ask: routed},
	{of: one("default_gateway"), method: "ipaddress", ask: gateway(1)},
	{of: one("default_gateway"), method: "interface", ask: gateway(2)},
}

func (a *asking) routes(destination string) output {
	if destination == "default" {
		destination = "0.0.0.0/0"
	}
	out := a.run("ip route show " + destination)
	out.stdout = strings.ReplaceAll(out.stdout, "\r\n", "\n")
	return out
}

// routeForm is made when it is needed: not every start of the program pays for it.
var routeForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(\S+)(?: via (\S+))? dev (\S+).+\n|^(\S+).*\n|\s+nexthop via (\S+)\s+dev (\S+).+`)
})

// routed compares with the one route of the destination, or with those of its next
// hops that have the wanted gateway and interface, of which the last counts.
func routed(a *asking) Value {
	want, _ := a.args["entry"].(Hash)
	if want.get("destination") == nil {
		return Bool(false)
	}
	out := a.routes(Text(want.get("destination")))
	if out.exit != 0 || a.dry {
		return Bool(false)
	}
	var got Hash
	entry := func(destination, gateway, device string) {
		got = Hash{{Symbol("destination"), text(destination)}, {Symbol("gateway"), text(gateway)}, {Symbol("interface"), text(device)}}
	}
	matches := routeForm().FindAllStringSubmatch(out.stdout, -1)
	if len(matches) == 1 {
		m, device := matches[0], ""
		if want.get("interface") != nil {
			device = m[3]
		}
		gateway := m[2]
		if gateway == "" {
			gateway = m[4]
		}
		entry(m[1], gateway, device)
	}
	if len(matches) > 1 {
		destination := ""
		for _, m := range matches {
			if m[4] != "" {
				destination = m[4]
				continue
			}
			if g := want.get("gateway"); g != nil && Text(g) != m[5] {
				continue
			}
			if i := want.get("interface"); i != nil && Text(i) != m[6] {
				continue
			}
			entry(destination, m[5], m[6])
		}
	}
	if got == nil && !a.settled() {
		return a.raise("NoMethodError", "undefined method `[]' for nil:NilClass")
	}
	return Bool(want.within(got))
}

// text is nil where an expression found nothing.
func text(s string) Value {
	if s == "" {
		return nil
	}
	return String(s)
}

var gatewayForm = regexp.MustCompile(`(?m)^(\S+)(?: via (\S+))? dev (\S+).+\n(?:default via (\S+))?`)

// gateway reads the first default route: its gateway (1) or its interface (2).
func gateway(which int) func(*asking) Value {
	return func(a *asking) Value {
		out := a.routes("default")
		if out.exit != 0 {
			return Bool(false)
		}
		m := gatewayForm.FindStringSubmatch(out.stdout)
		switch {
		case m == nil:
			return nil
		case which == 2:
			return text(m[3])
		case m[2] != "":
			return text(m[2])
		}
		return text(m[4])
	}
}
