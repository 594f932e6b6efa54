package rootfs

import (
	"context"
	"errors"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// Host is what the host knows about reaching the outside. Machines take it over
// while they are provisioned; nothing of it stays in an image.
type Host struct {
	HTTPProxy  string // URL; "" for none
	HTTPSProxy string
	NoProxy    string
	AptProxy   string // Acquire::http::Proxy, where it differs from HTTPProxy
	// Nameservers may lie on the host's loopback.
	Nameservers []netip.Addr
	Search      []string // domains
}

// ReadHost reads the proxy variables of the environment, apt's own proxy setting,
// and the resolver's configuration.
func ReadHost() (Host, error) {
	h := Host{
		HTTPProxy:  first(os.Getenv("http_proxy"), os.Getenv("HTTP_PROXY")),
		HTTPSProxy: first(os.Getenv("https_proxy"), os.Getenv("HTTPS_PROXY")),
		NoProxy:    first(os.Getenv("no_proxy"), os.Getenv("NO_PROXY")),
	}
	if proxy := tree.AptProxy(context.Background(), "http"); proxy != h.HTTPProxy {
		h.AptProxy = proxy
	}
	for _, file := range []string{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"} {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Host{}, err
		}
		servers, search := parseResolver(string(text))
		if file != "/etc/resolv.conf" && len(servers) == 0 {
			continue
		}
		h.Nameservers = servers
		if len(search) > 0 {
			h.Search = search
		}
		// A stub on loopback is of no use to a machine; systemd's own file names
		// the servers behind it.
		if !allLoopback(servers) {
			break
		}
	}
	return h, nil
}

func first(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}

func allLoopback(addrs []netip.Addr) bool {
	for _, a := range addrs {
		if !a.IsLoopback() {
			return false
		}
	}
	return true
}

// parseResolver reads resolv.conf.
func parseResolver(text string) (servers []netip.Addr, search []string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			if a, err := netip.ParseAddr(fields[1]); err == nil {
				servers = append(servers, a)
			}
		case "search", "domain":
			search = fields[1:]
		}
	}
	return servers, search
}

// proxyAddress returns host and port of a proxy URL, port by scheme when it names
// none.
func proxyAddress(raw string) (*url.URL, string, bool) {
	if raw == "" {
		return nil, "", false
	}
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, "", false
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
		if port == "" {
			port = "80"
		}
	}
	return u, port, true
}
