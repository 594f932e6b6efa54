package ssh

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/inside"
)

// insideLine makes connections that this process serves until the test ends.
func insideLine(t testing.TB) func(context.Context) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	t.Cleanup(func() {
		cancel()
		for range n {
			if err := <-served; err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		l.Close()
	})
	return func(context.Context) (net.Conn, error) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return nil, err
		}
		s, err := l.Accept()
		if err != nil {
			return nil, err
		}
		n++
		go func() { served <- inside.Serve(ctx, s) }()
		return c, nil
	}
}

func dialInside(t testing.TB, transport func(context.Context) (net.Conn, error)) *Communicator {
	t.Helper()
	c, err := Dial(t.Context(), Options{Addr: "the machine", User: "root", HostKeys: AnyHostKey(), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInside(t *testing.T) {
	t.Parallel()
	transport := insideLine(t)
	o := machinetest.CommunicatorOptions{Dir: t.TempDir(), Connect: func(t testing.TB) machine.Communicator { return dialInside(t, transport) }}
	if os.Getuid() == 0 {
		o.User = "nobody"
	}
	machinetest.RunCommunicator(t, o)
}

// TestEnvironment: commands get what a login has, and nothing of the server's own.
func TestInsideEnvironment(t *testing.T) {
	t.Setenv("LC_TIME", "C.UTF-8")
	t.Setenv("INVOCATION_ID", "of the server")
	c := dialInside(t, insideLine(t))
	defer c.Close()
	var out bytes.Buffer
	if _, err := c.Run(t.Context(), machine.Command{Line: `echo "$LC_TIME,$INVOCATION_ID,${PATH%%:*}"; [ "$PWD" = "$HOME" ] && id -un | grep -qx "$USER" && echo at home`, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	if want := "C.UTF-8,,/usr/local/sbin\nat home\n"; out.String() != want {
		t.Errorf("it says %q, want %q", out.String(), want)
	}
}

// TestEndsWithTheLine: what runs is over when the connection is.
func TestInsideEnds(t *testing.T) {
	t.Parallel()
	transport := insideLine(t)
	var ours net.Conn
	c := dialInside(t, func(ctx context.Context) (_ net.Conn, err error) {
		ours, err = transport(ctx)
		return ours, err
	})
	defer c.Close()
	started := make(chan struct{})
	begun := sync.OnceFunc(func() { close(started) })
	ran := make(chan error, 1)
	go func() {
		_, err := c.Run(t.Context(), machine.Command{Line: "echo started; exec sleep 100000", Stdout: writerFunc(func([]byte) { begun() })})
		ran <- err
	}()
	<-started
	ours.Close()
	if err := <-ran; !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("the command ends with %v", err)
	}
	// The server has waited for the process when the test ends.
}
