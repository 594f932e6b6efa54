package rootfs

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/network"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

const dnsPort = 53

// forward is a service on the host's loopback that one machine is let through to.
type forward struct {
	port uint16
	to   netip.AddrPort
}

// forwards lists what of the host's settings lies on its loopback: proxies, and
// name servers when there is no other that a machine can ask by itself.
func forwards(h Host) []forward {
	var list []forward
	seen := map[uint16]bool{}
	add := func(to netip.AddrPort) {
		if !seen[to.Port()] {
			seen[to.Port()] = true
			list = append(list, forward{to.Port(), to})
		}
	}
	for _, raw := range []string{h.HTTPProxy, h.HTTPSProxy, h.AptProxy} {
		u, port, ok := proxyAddress(raw)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if a, local := tree.Loopback(u.Hostname()); local && err == nil {
			add(netip.AddrPortFrom(a, uint16(n)))
		}
	}
	if len(h.Nameservers) > 0 && len(reachable(h.Nameservers)) == 0 {
		add(netip.AddrPortFrom(h.Nameservers[0], dnsPort))
	}
	return list
}

// reachable are the name servers that a machine can ask by itself: it has no
// IPv6, a loopback of its own, and is kept from where clouds tell secrets.
func reachable(all []netip.Addr) []netip.Addr {
	var list []netip.Addr
	for _, a := range all {
		if a = a.Unmap(); a.Is4() && !a.IsLoopback() && !network.IsMetadata(a) {
			list = append(list, a)
		}
	}
	return list
}

// allowed lists what a machine must reach although the host may serve it itself.
func allowed(h Host) []network.Service {
	var list []network.Service
	for _, a := range reachable(h.Nameservers) {
		list = append(list, network.Service{Addr: a, Port: dnsPort})
	}
	for _, raw := range []string{h.HTTPProxy, h.HTTPSProxy, h.AptProxy} {
		u, port, ok := proxyAddress(raw)
		if !ok {
			continue
		}
		a, err := netip.ParseAddr(u.Hostname())
		n, err2 := strconv.ParseUint(port, 10, 16)
		if err == nil && err2 == nil && !a.IsLoopback() {
			list = append(list, network.Service{Addr: a, Port: uint16(n)})
		}
	}
	for _, f := range forwards(h) {
		list = append(list, network.Service{Port: f.port})
	}
	return list
}

// resolver is the resolv.conf of a machine whose gateway is given.
func resolver(h Host, gateway netip.Addr) string {
	var b strings.Builder
	b.WriteString("# " + machine.Marker + "\n")
	servers := reachable(h.Nameservers)
	if len(servers) == 0 && len(h.Nameservers) > 0 {
		servers = []netip.Addr{gateway}
	}
	for _, a := range servers {
		fmt.Fprintf(&b, "nameserver %s\n", a)
	}
	if len(h.Search) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(h.Search, " "))
	}
	return b.String()
}

// proxyEnv is the environment by which programs in a machine find the host's
// proxies.
func proxyEnv(h Host, gateway netip.Addr) map[string]string {
	env := map[string]string{}
	set := func(name, value string) {
		if value != "" {
			env[name], env[strings.ToUpper(name)] = value, value
		}
	}
	set("http_proxy", through(h.HTTPProxy, gateway))
	set("https_proxy", through(h.HTTPSProxy, gateway))
	if len(env) > 0 {
		set("no_proxy", withLoopback(h.NoProxy))
	}
	return env
}

// withLoopback adds the machine's own loopback to the names that no proxy is asked
// for: a proxy on the host would take them for the host's.
func withLoopback(list string) string {
	names := strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
	for _, own := range []string{"localhost", "127.0.0.1", "::1"} {
		if !slices.Contains(names, own) {
			names = append(names, own)
		}
	}
	return strings.Join(names, ",")
}

// through replaces the host's loopback in a proxy's URL by the gateway.
func through(raw string, gateway netip.Addr) string {
	u, port, ok := proxyAddress(raw)
	if !ok {
		return raw
	}
	if _, local := tree.Loopback(u.Hostname()); !local {
		return raw
	}
	u.Host = netip.AddrPortFrom(gateway, 0).Addr().String() + ":" + port
	return u.String()
}
