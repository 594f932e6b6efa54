package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// The kernel's own filter for sockets by state: a table of /proc/net is made by a walk
// over a hash of all connections, which takes milliseconds however few there are.
const (
	netlinkSockDiag  = 4
	sockDiagByFamily = 20
	diagRequestSize  = 16 + 56
	diagMessageSize  = 72
	tcpListen        = 10
	unconnected      = 7
)

// diagSockets asks for listening sockets of TCP, or unconnected ones of UDP. The error
// says that this kernel does not answer, and the tables have to be read.
func diagSockets(proto string) ([]socket, error) {
	family, protocol, state := uint8(syscall.AF_INET), uint8(syscall.IPPROTO_TCP), tcpListen
	switch proto {
	case "tcp6":
		family = syscall.AF_INET6
	case "udp":
		protocol, state = syscall.IPPROTO_UDP, unconnected
	case "udp6":
		family, protocol, state = syscall.AF_INET6, syscall.IPPROTO_UDP, unconnected
	}
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, netlinkSockDiag)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 5}); err != nil {
		return nil, err
	}
	request := make([]byte, diagRequestSize)
	binary.NativeEndian.PutUint32(request[0:], diagRequestSize)
	binary.NativeEndian.PutUint16(request[4:], sockDiagByFamily)
	binary.NativeEndian.PutUint16(request[6:], syscall.NLM_F_REQUEST|syscall.NLM_F_DUMP)
	request[16], request[17] = family, protocol
	binary.NativeEndian.PutUint32(request[20:], 1<<state)
	if err := syscall.Sendto(fd, request, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return nil, err
	}
	var all []socket
	buf := make([]byte, 32<<10)
	for {
		n, _, err := syscall.Recvfrom(fd, buf, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		list, done, err := parseDiag(buf[:n], proto)
		all = append(all, list...)
		if err != nil || done {
			return all, err
		}
	}
}

// parseDiag reads messages about sockets, up to the one that says that there are no more.
func parseDiag(buf []byte, proto string) (list []socket, done bool, err error) {
	for len(buf) >= 16 {
		size, kind := int(binary.NativeEndian.Uint32(buf)), binary.NativeEndian.Uint16(buf[4:])
		if size < 16 || size > len(buf) {
			return list, false, errors.New("read sockets: a message is cut off")
		}
		body := buf[16:size]
		switch {
		case kind == syscall.NLMSG_DONE:
			return list, true, nil
		case kind == syscall.NLMSG_ERROR:
			if len(body) < 4 {
				return list, false, errors.New("read sockets: the kernel refuses")
			}
			return list, false, fmt.Errorf("read sockets: %w", syscall.Errno(-int32(binary.NativeEndian.Uint32(body))))
		case kind == sockDiagByFamily && len(body) >= diagMessageSize:
			ip := netip.AddrFrom4([4]byte(body[8:12]))
			if body[0] == syscall.AF_INET6 {
				ip = netip.AddrFrom16([16]byte(body[8:24]))
			}
			list = append(list, socket{proto, ip, int(binary.BigEndian.Uint16(body[4:]))})
		}
		buf = buf[min(len(buf), (size+3)&^3):]
	}
	return list, false, nil
}
