package probe

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// socket is one that takes connections or datagrams from anybody.
type socket struct {
	proto string // tcp, tcp6, udp, udp6
	ip    netip.Addr
	port  int
}

func (v *view) port(name string) (*Port, error) {
	protos, number, err := parsePort(name)
	if err != nil {
		return nil, err
	}
	list, err := v.sockets()
	if err != nil {
		return nil, err
	}
	p := &Port{IP: []string{}}
	for _, s := range list {
		if s.port == number && slices.Contains(protos, s.proto) {
			p.Listening = true
			p.IP = append(p.IP, s.ip.String())
		}
	}
	slices.Sort(p.IP)
	p.IP = slices.Compact(p.IP)
	return p, nil
}

func parsePort(name string) (protos []string, number int, err error) {
	proto, text, found := strings.Cut(name, ":")
	protos = []string{proto}
	if !found {
		protos, text = []string{"tcp", "tcp6"}, name
	} else if !slices.Contains([]string{"tcp", "tcp6", "udp", "udp6"}, proto) {
		return nil, 0, fmt.Errorf("read port %q: unknown protocol %q, want tcp, tcp6, udp or udp6", name, proto)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("read port %q: want a number up to 65535", name)
	}
	return protos, int(n), nil
}

func readSockets() ([]socket, error) {
	var all []socket
	for _, proto := range []string{"tcp", "tcp6", "udp", "udp6"} {
		if list, err := diagSockets(proto); err == nil {
			all = append(all, list...)
			continue
		}
		f, err := os.Open("/proc/net/" + proto)
		if errors.Is(err, fs.ErrNotExist) { // no IPv6 in this kernel
			continue
		}
		if err != nil {
			return nil, err
		}
		list, err := parseSockets(f, proto)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("read /proc/net/%s: %w", proto, err)
		}
		all = append(all, list...)
	}
	return all, nil
}

// parseSockets reads a table of /proc/net: listening ones for TCP, unconnected
// ones for UDP.
func parseSockets(r io.Reader, proto string) ([]socket, error) {
	state := "0A"
	if strings.HasPrefix(proto, "udp") {
		state = "07"
	}
	var list []socket
	err := eachLine(r, func(line []byte) error {
		f := bytes.Fields(line)
		if len(f) < 4 || string(f[3]) != state {
			return nil
		}
		ip, port, ok := parseEndpoint(string(f[1]))
		if ok {
			list = append(list, socket{proto, ip, port})
		}
		return nil
	})
	return list, err
}

// parseEndpoint reads "0100007F:0050": 32 bit words in the machine's byte order.
func parseEndpoint(text string) (netip.Addr, int, bool) {
	host, port, ok := strings.Cut(text, ":")
	if !ok {
		return netip.Addr{}, 0, false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw) != 4 && len(raw) != 16 {
		return netip.Addr{}, 0, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.Addr{}, 0, false
	}
	ip, _ := netip.AddrFromSlice(raw)
	return ip, int(n), true
}
