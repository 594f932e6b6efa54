package ssh

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

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

// TestInsideEnvironment: commands get what a login has, and nothing of the server's own.
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

// TestInsideTerminal: a command with a terminal has one that is its own, as large as it should be.
func TestInsideTerminal(t *testing.T) {
	t.Parallel()
	c := dialInside(t, insideLine(t))
	defer c.Close()
	var out bytes.Buffer
	exit, err := c.Run(t.Context(), machine.Command{PTY: true, Stdin: strings.NewReader("typed\n"), Stdout: &out,
		Line: `[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size && read -r l && echo "got $l, $TERM" >/dev/tty; exit 3`})
	if err != nil || exit != 3 {
		t.Errorf("exit %d, %v", exit, err)
	}
	if got := out.String(); !strings.Contains(got, "24 80\r\n") || !strings.Contains(got, "got typed, ") {
		t.Errorf("it says %q", got)
	}
	out.Reset()
	exit, err = c.Run(t.Context(), machine.Command{PTY: true, Stdout: &out, Line: "cat; stty -a | grep -c ' icanon'; echo end"})
	if err != nil || exit != 0 || !strings.HasSuffix(out.String(), "1\r\nend\r\n") {
		t.Errorf("without input it says %q, exit %d, %v", out.String(), exit, err)
	}
}

// TestInsideEnds: what runs is over when the connection is.
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

// TestInsideShort: a command that ends at once has been begun for the one who asked.
func TestInsideShort(t *testing.T) {
	t.Parallel()
	line, err := insideLine(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, channels, requests, err := ssh.NewClientConn(line, "the machine", &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()})
	if err != nil {
		t.Fatal(err)
	}
	c := ssh.NewClient(conn, channels, requests)
	defer c.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				s, err := c.NewSession()
				if err != nil {
					t.Error(err)
					return
				}
				var exit *ssh.ExitError
				if err := s.Run("exit 3"); !errors.As(err, &exit) || exit.ExitStatus() != 3 {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
