package qemu

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// takenPort is an address at which somebody listens until the test ends.
func takenPort(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr)
}

func TestPortsInUse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	taken := takenPort(t)
	c := sector(b, stays)
	c.HostPort.Min = taken.Port
	c.HostPort.Max = c.HostPort.Min
	_, _, err := b.connect(c)
	b.wantError(err, fmt.Sprintf("every port from %d to %d is in use", c.HostPort.Min, c.HostPort.Max), "host_port_min")
}

// TestPortTakenMeanwhile: QEMU's refusal of a port is told from others.
func TestPortTakenMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	taken := takenPort(t)
	for want, line := range map[error][]string{
		errPort: {"-display", "none", "-netdev", fmt.Sprintf("user,id=u,hostfwd=tcp:%s-:22", taken)},
		nil:     {"-display", "none", "-no-such-option"},
	} {
		p, err := startProcess(t.Context(), b.env.Res, processClass("process"), usualBinary, line, filepath.Join(b.home, "words"))
		if err == nil {
			t.Fatal(p.id)
		}
		if errors.Is(err, errPort) != (want == errPort) || want == nil && !strings.Contains(err.Error(), "no-such-option: invalid option") {
			t.Errorf("error %v", err)
		}
	}
}

// TestFixedPortInUse: another port does not help where the template's own argument names one.
func TestFixedPortInUse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	taken := takenPort(t)
	for _, beside := range []string{"", ",hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"} {
		c := sector(b, stays)
		c.Args = append(c.Args, late(t, "-netdev", fmt.Sprintf("user,id=user.0%s,hostfwd=tcp:%s-:80", beside, taken)))
		_, _, err := b.connect(c)
		b.wantError(err, "the port is in use: ", taken.String())
	}
	if said := b.said.String(); strings.Contains(said, "trying another one") {
		t.Errorf("it says\n%s", said)
	}
}
