package rootfs

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// notifier receives what systemd-nspawn says of its machine. The name is in no
// file system, so that nothing is left of it. Therefore everybody on the host can
// send to it, and only what comes from our own user is heard: whoever names the
// leader decides where commands run.
type notifier struct {
	*net.UnixConn
	address string
}

func listenNotify(name string) (*notifier, error) {
	address := "@proofmark/" + name
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	if err := askCredentials(c); err != nil {
		return nil, errors.Join(fmt.Errorf("start machine: %w", err), c.Close())
	}
	return &notifier{c, address}, nil
}

// askCredentials has the kernel tell of each message who sent it.
func askCredentials(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var serr error
	err = raw.Control(func(fd uintptr) { serr = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) })
	return errors.Join(err, serr)
}

// listen reads until the machine is up or the socket is closed.
func (n *notifier) listen(leader chan<- int, ready chan<- struct{}) {
	buf, control := make([]byte, 4096), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for {
		size, rights, _, _, err := n.ReadMsgUnix(buf, control)
		if err != nil {
			return
		}
		if !ours(control[:rights]) {
			continue
		}
		up := false
		for line := range strings.Lines(string(buf[:size])) {
			key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			switch key {
			case "X_NSPAWN_LEADER_PID":
				if pid, err := strconv.Atoi(value); err == nil {
					select {
					case leader <- pid:
					default:
					}
				}
			case "READY":
				up = value == "1"
			}
		}
		if up {
			close(ready)
			n.Close()
			return
		}
	}
}

// ours tells whether a message was sent by a process of our own user.
func ours(control []byte) bool {
	list, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for i := range list {
		if cred, err := unix.ParseUnixCredentials(&list[i]); err == nil {
			return int(cred.Uid) == os.Geteuid()
		}
	}
	return false
}
