package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

func packQuery(t dnsmessage.Type, host string) ([]byte, uint16, error) {
	name, err := dnsmessage.NewName(strings.TrimSuffix(host, ".") + ".")
	if err != nil {
		return nil, 0, fmt.Errorf("read name %q: %w", host, err)
	}
	id := uint16(rand.Uint32())
	msg := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: t, Class: dnsmessage.ClassINET}},
	}
	b, err := msg.Pack()
	return b, id, err
}

// parseReply returns the records of the wanted type as text, in the form of zone
// files: "10 mx.example.org.".
func parseReply(reply []byte, id uint16, want dnsmessage.Type) ([]string, error) {
	var p dnsmessage.Parser
	h, err := p.Start(reply)
	if err != nil {
		return nil, fmt.Errorf("read answer of name server: %w", err)
	}
	switch {
	case h.ID != id || !h.Response:
		return nil, errors.New("read answer of name server: it answers something else")
	case h.RCode == dnsmessage.RCodeNameError:
		return nil, errNoHost
	case h.RCode != dnsmessage.RCodeSuccess:
		return nil, fmt.Errorf("name server says %s", strings.TrimPrefix(h.RCode.String(), "RCode"))
	}
	if err := p.SkipAllQuestions(); err != nil {
		return nil, fmt.Errorf("read answer of name server: %w", err)
	}
	var found []string
	for {
		r, err := p.Answer()
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read answer of name server: %w", err)
		}
		if r.Header.Type == want {
			found = append(found, recordText(r.Body)...)
		}
	}
}

func recordText(body dnsmessage.ResourceBody) []string {
	switch r := body.(type) {
	case *dnsmessage.AResource:
		return []string{netip.AddrFrom4(r.A).String()}
	case *dnsmessage.AAAAResource:
		return []string{netip.AddrFrom16(r.AAAA).String()}
	case *dnsmessage.CNAMEResource:
		return []string{r.CNAME.String()}
	case *dnsmessage.MXResource:
		return []string{fmt.Sprintf("%d %s", r.Pref, r.MX)}
	case *dnsmessage.NSResource:
		return []string{r.NS.String()}
	case *dnsmessage.PTRResource:
		return []string{r.PTR.String()}
	case *dnsmessage.SRVResource:
		return []string{fmt.Sprintf("%d %d %d %s", r.Priority, r.Weight, r.Port, r.Target)}
	case *dnsmessage.TXTResource:
		return r.TXT
	case *dnsmessage.UnknownResource:
		// CAA: flags, length of the tag, tag, value.
		if d := r.Data; r.Type == typeCAA && len(d) > 2 && len(d) >= 2+int(d[1]) {
			tag, value := d[2:2+d[1]], d[2+d[1]:]
			return []string{fmt.Sprintf("%d %s %s", d[0], tag, value)}
		}
	}
	return nil
}

// exchangeTCP frames the messages with their length.
func exchangeTCP(c net.Conn, query []byte) ([]byte, error) {
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(query))), query...)
	if _, err := c.Write(framed); err != nil {
		return nil, err
	}
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(c, reply)
	return reply, err
}

// reverseName returns the name under which an address's PTR records stand.
func reverseName(ip netip.Addr) string {
	ip = ip.Unmap()
	raw := ip.AsSlice()
	var b strings.Builder
	for i := len(raw) - 1; i >= 0; i-- {
		if ip.Is4() {
			fmt.Fprintf(&b, "%d.", raw[i])
		} else {
			fmt.Fprintf(&b, "%x.%x.", raw[i]&15, raw[i]>>4)
		}
	}
	if ip.Is4() {
		return b.String() + "in-addr.arpa"
	}
	return b.String() + "ip6.arpa"
}

// systemServers returns the name servers of resolv.conf, at most three as libc does.
func systemServers() []string {
	f, err := os.Open("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	defer f.Close()
	var list []string
	_ = eachLine(f, func(line []byte) error {
		if w := strings.Fields(string(line)); len(w) > 1 && w[0] == "nameserver" && len(list) < 3 {
			list = append(list, w[1])
		}
		return nil
	})
	return list
}
