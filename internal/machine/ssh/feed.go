package ssh

import (
	"context"
	"errors"
	"io"
	"strings"
)

// event notes a mark of the machine's side.
func (r *session) event(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case strings.HasPrefix(name, "ready"):
		if boot, ok := strings.CutPrefix(name, "ready-"); ok {
			r.boot = boot
		}
		closeOnce(r.began)
	case name == "terminal":
		closeOnce(r.terminal)
	case name == "leaving":
		r.left = true
	case name == "password":
		if r.asked++; r.asked == 1 {
			go r.answer()
			return
		}
		r.ch.Close() // a third wrong answer may lock the account
	}
}

// closeOnce closes a channel, which r.mu guards, unless it is.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// feed sends the program and then what the command reads. It may be blocked in a read
// of the caller's when the command has ended; what it reads then is lost.
func (r *session) feed(ctx context.Context) {
	if r.s.password != nil && !r.reached(ctx, r.began) {
		return
	}
	if _, err := io.WriteString(r.ch, program(r.mark, r.s)); err != nil {
		return
	}
	if r.s.pty && !r.reached(ctx, r.terminal) {
		return
	}
	if r.s.stdin != nil {
		if _, err := io.Copy(movedWriter{r.ch, r.idle.moved}, r.s.stdin); err != nil && !errors.Is(err, io.EOF) {
			// Whoever reads in the machine learns the end; what it means the caller says.
			_ = r.ch.CloseWrite()
			return
		}
	}
	if r.s.pty {
		_, _ = io.WriteString(r.ch, "\x04") // a terminal has no other end
		return
	}
	_ = r.ch.CloseWrite()
}

func (r *session) reached(ctx context.Context, point <-chan struct{}) bool {
	select {
	case <-point:
		return true
	case <-r.out.ended:
		return false
	case <-ctx.Done():
		return false
	}
}

type movedWriter struct {
	w     io.Writer
	moved func()
}

func (m movedWriter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.moved()
	return n, err
}
