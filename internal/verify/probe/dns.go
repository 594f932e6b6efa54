package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const typeCAA dnsmessage.Type = 257

// errNoHost is a name server's answer that there is no such name.
var errNoHost = errors.New("no such host")

// lookUp resolves a plain name the way the machine's programs do, hosts file
// included. A record type, or a server, makes it a question to a name server. Only
// an answer that there is no such name is a fact; silence and failures are errors.
func lookUp(ctx context.Context, q Question) (*DNS, error) {
	limit, err := timeoutOf(q, 2*time.Second)
	if err != nil {
		return nil, err
	}
	kind, host := splitRecordType(q.Name)
	if host == "" {
		return nil, fmt.Errorf("read name %q: it is empty", q.Name)
	}
	late := fmt.Errorf("no answer within %v", limit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	var found []string
	switch server := q.Args["server"]; {
	case server == "" && kind == "":
		found, err = new(net.Resolver).LookupHost(ctx, host)
	default:
		found, err = lookUpRecords(ctx, kind, host, server)
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		slow, dns := net.Error(nil), (*net.DNSError)(nil)
		if errors.As(err, &slow) && slow.Timeout() {
			return nil, late
		}
		if !errors.Is(err, errNoHost) && !(errors.As(err, &dns) && dns.IsNotFound) {
			return nil, err
		}
		return &DNS{Addrs: []string{}, Err: err.Error()}, nil
	}
	slices.Sort(found)
	found = slices.Compact(found)
	return &DNS{Resolvable: len(found) > 0, Addrs: append([]string{}, found...)}, nil
}

// splitRecordType takes "MX:example.org" apart. An IPv6 address is no record type.
func splitRecordType(name string) (kind, host string) {
	kind, host, ok := strings.Cut(name, ":")
	if _, known := recordTypes()[kind]; ok && known {
		return kind, host
	}
	return "", name
}

func recordTypes() map[string]dnsmessage.Type {
	return map[string]dnsmessage.Type{
		"A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "CNAME": dnsmessage.TypeCNAME,
		"MX": dnsmessage.TypeMX, "NS": dnsmessage.TypeNS, "PTR": dnsmessage.TypePTR,
		"SRV": dnsmessage.TypeSRV, "TXT": dnsmessage.TypeTXT, "CAA": typeCAA,
	}
}

func lookUpRecords(ctx context.Context, kind, host, server string) ([]string, error) {
	servers := []string{server}
	if server == "" {
		servers = systemServers()
	}
	types := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	if kind != "" {
		types = []dnsmessage.Type{recordTypes()[kind]}
	}
	if ip, err := netip.ParseAddr(host); kind == "PTR" && err == nil {
		host = reverseName(ip)
	}
	var found []string
	for _, t := range types {
		list, err := ask(ctx, servers, t, host)
		if err != nil {
			return nil, err
		}
		found = append(found, list...)
	}
	return found, nil
}

// ask tries each server until one answers, twice.
func ask(ctx context.Context, servers []string, t dnsmessage.Type, host string) (found []string, err error) {
	if len(servers) == 0 {
		return nil, errors.New("/etc/resolv.conf names no server")
	}
	query, id, err := packQuery(t, host)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	share := time.Until(deadline) / time.Duration(2*len(servers))
	for range 2 {
		for _, server := range servers {
			var reply []byte
			part, cancel := context.WithTimeout(ctx, share)
			reply, err = exchange(part, withPort(server), query)
			cancel()
			if err == nil {
				return parseReply(reply, id, t)
			}
		}
	}
	return nil, err
}

// exchange sends a query by UDP and, when the answer did not fit, by TCP.
func exchange(ctx context.Context, server string, query []byte) ([]byte, error) {
	reply, err := exchangeOver(ctx, "udp", server, query)
	if err == nil && len(reply) > 2 && reply[2]&0x02 != 0 {
		return exchangeOver(ctx, "tcp", server, query)
	}
	return reply, err
}

func exchangeOver(ctx context.Context, network, server string, query []byte) ([]byte, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, server)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	if network == "tcp" {
		return exchangeTCP(c, query)
	}
	if _, err := c.Write(query); err != nil {
		return nil, err
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return nil, err
		}
		if n >= 12 && buf[0] == query[0] && buf[1] == query[1] { // else it answers something older
			return buf[:n], nil
		}
	}
}

func withPort(server string) string {
	if _, _, err := net.SplitHostPort(server); err == nil {
		return server
	}
	return net.JoinHostPort(strings.Trim(server, "[]"), "53")
}
