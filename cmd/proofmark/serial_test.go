package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// refusing is a place that nothing can be written to.
type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }

func TestJoinConsole(t *testing.T) {
	t.Parallel()
	enough, full := errors.New("enough"), errors.New("no space")
	leave := []byte{leaveKey}
	for name, tt := range map[string]struct {
		typed string
		leave []byte
		out   io.Writer
		// machine is what goes on at the other end; what it returns was read there.
		machine func(t *testing.T, c net.Conn, cancel context.CancelCauseFunc) string
		got     string
		shown   string
		left    bool
		err     error
	}{
		"the machine powers off": {
			typed: "hello\n", leave: leave,
			machine: func(t *testing.T, c net.Conn, _ context.CancelCauseFunc) string {
				got := receive(t, c, 6)
				_, _ = io.WriteString(c, "bye\r\n")
				c.Close()
				return got
			},
			got: "hello\n", shown: "bye\r\n",
		},
		"the person leaves": {
			typed: "hello\x1dlost", leave: leave,
			machine: func(t *testing.T, c net.Conn, _ context.CancelCauseFunc) string {
				all, _ := io.ReadAll(c)
				return string(all)
			},
			got: "hello", left: true,
		},
		"a file has all keys": {
			typed: "a\x1db",
			machine: func(t *testing.T, c net.Conn, _ context.CancelCauseFunc) string {
				defer c.Close()
				return receive(t, c, 3)
			},
			got: "a\x1db",
		},
		"nothing is typed any more": {
			machine: func(t *testing.T, c net.Conn, _ context.CancelCauseFunc) string {
				_, _ = io.WriteString(c, "still here")
				c.Close()
				return ""
			},
			shown: "still here",
		},
		"an interrupt": {
			machine: func(t *testing.T, c net.Conn, cancel context.CancelCauseFunc) string {
				cancel(enough)
				all, _ := io.ReadAll(c)
				return string(all)
			},
			err: enough,
		},
		"nobody can read": {
			out: refusing{full},
			machine: func(t *testing.T, c net.Conn, _ context.CancelCauseFunc) string {
				_, _ = io.WriteString(c, "hello")
				all, _ := io.ReadAll(c)
				return string(all)
			},
			err: full,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := net.Pipe()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			got := make(chan string, 1)
			go func() { got <- tt.machine(t, theirs, cancel) }()
			var shown strings.Builder
			out := tt.out
			if out == nil {
				out = &shown
			}
			left, err := joinConsole(ctx, ours, strings.NewReader(tt.typed), out, tt.leave)
			if !errors.Is(err, tt.err) || left != tt.left {
				t.Errorf("left %v, %v", left, err)
			}
			if text := <-got; text != tt.got {
				t.Errorf("the machine got %q, want %q", text, tt.got)
			}
			if tt.err == nil && !left && shown.String() != tt.shown {
				t.Errorf("shown was %q, want %q", shown.String(), tt.shown)
			}
		})
	}
}

// receive reads n bytes.
func receive(t *testing.T, r io.Reader, n int) string {
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		t.Error(err)
	}
	return string(text)
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]string{
		"cat /etc/*-release | head -n 1": {"cat /etc/*-release | head -n 1"},
		"ls 'my file'":                   {"ls", "my file"},
		"":                               nil,
	} {
		if got := oneLine(words); got != want {
			t.Errorf("oneLine(%q) = %s, want %s", words, got, want)
		}
	}
}

func TestWithConsole(t *testing.T) {
	t.Parallel()
	panics := errors.New("its kernel panics")
	said := strings.Repeat("line\n", 2*shownLines) + "Kernel panic\n"
	err := withConsole(&machine.BootError{Err: panics, Evidence: machine.Evidence{Console: []byte(said)}})
	if !errors.Is(err, panics) || !strings.HasSuffix(err.Error(), "line\nKernel panic") || strings.Count(err.Error(), "\n") != shownLines+1 {
		t.Errorf("%q", err)
	}
	if got := withConsole(panics); got != panics {
		t.Errorf("another error became %v", got)
	}
}
