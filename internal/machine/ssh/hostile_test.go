package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// impatient notices a dead peer soon.
func impatient(o Options) Options {
	o.KeepAlive, o.shortest = 20*time.Millisecond, 2*time.Second
	return o
}

// TestHandshakeStops: wherever a handshake hangs or ends, connecting ends too.
func TestHandshakeStops(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	for _, after := range []int64{0, 4, 21, 100, 900, 1300, 1700} {
		t.Run(fmt.Sprint("hangs after ", after), func(t *testing.T) {
			t.Parallel()
			o := s.options()
			o.Addr, o.ConnectTimeout = startWire(t, s.addr, after, false).addr, time.Second
			if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "does not answer within 1s") {
				t.Errorf("%v", err)
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			o.ConnectTimeout = time.Hour
			why := errors.New("enough")
			time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
			if _, err := Dial(ctx, o); !errors.Is(err, why) {
				t.Errorf("cancelled: %v", err)
			}
		})
		t.Run(fmt.Sprint("ends after ", after), func(t *testing.T) {
			t.Parallel()
			o := s.options()
			o.Addr = startWire(t, s.addr, after, true).addr
			if _, err := Dial(t.Context(), o); err == nil {
				t.Error("connected")
			}
		})
	}
}

// TestEndIsUnknown: what ends without a status is a lost connection, never success and
// never a status.
func TestEndIsUnknown(t *testing.T) {
	t.Parallel()
	tests := map[string]func(s *server, ch ssh.Channel) func(){
		"session closed": func(_ *server, ch ssh.Channel) func() { return func() {} },
		"connection closed": func(s *server, ch ssh.Channel) func() {
			return s.drop
		},
		"output, then closed": func(s *server, ch ssh.Channel) func() {
			_, _ = io.WriteString(ch, "text")
			return s.drop
		},
		"output ended, no status": func(s *server, ch ssh.Channel) func() {
			_ = ch.CloseWrite()
			return s.drop
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *server
			s = startServer(t, func(x *server) {
				x.exec = func(ch ssh.Channel, line string) func() { return end(s, ch) }
			})
			c := dial(t, s.options())
			if exit, err := c.Run(t.Context(), machine.Command{Line: "true"}); !errors.Is(err, machine.ErrDisconnected) || exit != 0 {
				t.Errorf("exit %d, %v", exit, err)
			}
		})
	}
}

func TestSignalled(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(x *server) {
		x.exec = func(ch ssh.Channel, line string) func() {
			return func() {
				_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
					Name       string
					Core       bool
					Text, Lang string
				}{"SEGV", true, "", ""}))
			}
		}
	})
	c := dial(t, s.options())
	// The machine's shell was never reached, so this is no command's end.
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); err == nil || errors.Is(err, machine.ErrDisconnected) || !strings.Contains(err.Error(), "runs no shell") {
		t.Errorf("%v", err)
	}
	s = startServer(t, nil)
	c = dial(t, s.options())
	if exit, err := c.Run(t.Context(), machine.Command{Line: "sh -c 'kill -SEGV $$'"}); exit != 139 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
}

// TestLostWhileRunning: the wire breaks, or goes silent, while a command prints.
func TestLostWhileRunning(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*wire){"cut": (*wire).cut, "frozen": (*wire).freeze} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, nil)
			w := startWire(t, s.addr, -1, false)
			o := impatient(s.options())
			o.Addr = w.addr
			c := dial(t, o)
			var once sync.Once
			exit, err := c.Run(t.Context(), machine.Command{
				Line:   "while :; do echo line || exit; sleep 0.01; done",
				Stdout: writerFunc(func([]byte) { once.Do(func() { lose(w) }) }),
			})
			if !errors.Is(err, machine.ErrDisconnected) || exit != 0 {
				t.Errorf("exit %d, %v", exit, err)
			}
		})
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

func TestSilentCommand(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	o := s.options()
	o.Silence = 200 * time.Millisecond
	c := dial(t, o)
	if _, err := c.Run(t.Context(), machine.Command{Line: lingers(t)}); !errors.Is(err, machine.ErrDisconnected) || !strings.Contains(err.Error(), "silent for 200ms") {
		t.Errorf("%v", err)
	}
	if testing.Short() {
		return // the rest takes longer than a silence that a busy machine could make
	}
	o.Silence = 4 * time.Second
	c = dial(t, o)
	if exit, err := c.Run(t.Context(), machine.Command{Line: "for i in 1 2 3 4 5; do sleep 1; echo; done"}); exit != 0 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
}

// TestFewSessions: more commands than the server takes at the same time wait.
func TestFewSessions(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 3} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			s := startServer(t, func(x *server) { x.maxSessions = most })
			c := dial(t, s.options())
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					var out bytes.Buffer
					exit, err := c.Run(t.Context(), machine.Command{Line: fmt.Sprintf("echo %d; exit %d", i, i), Stdout: &out})
					if exit != i || err != nil || out.String() != fmt.Sprintf("%d\n", i) {
						t.Errorf("%d: exit %d, %v, %q", i, exit, err, out.String())
					}
				})
			}
			all.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			_, err := c.Run(ctx, machine.Command{Line: "echo x; " + lingers(t), Stdout: writerFunc(func([]byte) { cancel() })})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
			if exit, err := c.Run(t.Context(), machine.Command{Line: "exit 4"}); exit != 4 || err != nil {
				t.Errorf("after a cancel: exit %d, %v", exit, err)
			}
		})
	}
}

// TestSilentServer: one that says how a command ended, and nothing else, and goes on
// holding the session open.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	s := startServer(t, func(x *server) {
		x.exec = func(ch ssh.Channel, line string) func() {
			sendStatus(ch, 0)
			return func() { <-held }
		}
	})
	c := dial(t, s.options())
	if exit, err := c.Run(t.Context(), machine.Command{Line: "true"}); err == nil || !strings.Contains(err.Error(), "runs no shell") {
		t.Errorf("exit %d, %v", exit, err)
	}
}

// TestStuckLogin: start files that print without end, or wait, are not waited for long.
func TestStuckLogin(t *testing.T) {
	t.Parallel()
	for name, noise := range map[string]func(ch ssh.Channel) bool{
		"silent": func(ch ssh.Channel) bool { _, err := io.Copy(io.Discard, ch); return err == nil && false },
		"flood":  func(ch ssh.Channel) bool { _, err := io.WriteString(ch, "hello\n"); return err == nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, func(x *server) {
				x.exec = func(ch ssh.Channel, line string) func() {
					for noise(ch) {
					}
					return func() {}
				}
			})
			o := s.options()
			o.begin = 300 * time.Millisecond
			c := dial(t, o)
			_, err := c.Run(t.Context(), machine.Command{Line: "true", Stdin: neverEnds{}})
			if err == nil || errors.Is(err, machine.ErrDisconnected) || !strings.Contains(err.Error(), ".bashrc") {
				t.Errorf("%v", err)
			}
		})
	}
}

type neverEnds struct{}

func (neverEnds) Read(p []byte) (int, error) { return len(p), nil }

// TestNoise: what login shells and banners print is no output.
func TestNoise(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(x *server) {
		x.BannerCallback = func(ssh.ConnMetadata) string { return "Authorized use only\n" }
		x.exec = func(ch ssh.Channel, line string) func() {
			_, _ = io.WriteString(ch, "Welcome, proofmark-\n")
			_, _ = io.WriteString(ch.Stderr(), "motd\n")
			return nil
		}
	})
	c := dial(t, s.options())
	var out, errout bytes.Buffer
	if exit, err := c.Run(t.Context(), machine.Command{Line: "echo out; echo err >&2", Stdout: &out, Stderr: &errout}); exit != 0 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
	if out.String() != "out\n" || errout.String() != "err\n" {
		t.Errorf("%q, %q", out.String(), errout.String())
	}
}

func TestBannerBeforeVersion(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "hello\r\nwho are you\r\n")
			go s.serve(c)
		}
	}()
	o := s.options()
	o.Addr = l.Addr().String()
	c := dial(t, o)
	if exit, err := c.Run(t.Context(), machine.Command{Line: "exit 3"}); exit != 3 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
}

// TestCutPut: a connection that breaks while a file is sent leaves the old one.
func TestCutPut(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	w := startWire(t, s.addr, -1, false)
	o := s.options()
	o.Addr, o.Wait = w.addr, time.Minute
	c := dial(t, o)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := c.Put(t.Context(), file, 0o644, strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := c.Put(t.Context(), file, 0o644, readerFunc(func(p []byte) (int, error) {
		if n += len(p); n > 1<<20 {
			w.cut()
		}
		return len(p), nil
	}))
	if !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("%v", err)
	}
	// The shell of the cut session sees the end a little later.
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 1 {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("%d entries are left", len(entries))
		}
	}
	if got, err := os.ReadFile(file); string(got) != "old" || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
