package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

var errPassword = errors.New("sudo does not take the password: give the right one")

// becomeError is a command that did not run because the machine does not let the login
// be another user. It is machine.ErrBecome.
type becomeError struct {
	user string
	why  error
}

func (e *becomeError) Error() string        { return fmt.Sprintf("become %s: %v", e.user, e.why) }
func (e *becomeError) Unwrap() error        { return e.why }
func (e *becomeError) Is(target error) bool { return target == machine.ErrBecome }

// givePassword answers sudo, once.
func (r *session) givePassword(ctx context.Context) {
	defer close(r.answered)
	password, err := r.s.password(ctx)
	if err == nil && strings.ContainsAny(password, "\r\n") {
		err = errors.New("a password for sudo is one line")
	}
	if err != nil {
		r.mu.Lock()
		r.refused = err
		r.mu.Unlock()
		r.ch.Close()
		return
	}
	_, _ = io.WriteString(r.ch, password+"\n") // how it ends tells whether it came
}

// sudoSaid is why sudo, or su, did not run the command: what it said, and what to do.
// password tells whether it would have got one.
func sudoSaid(said string, status int, password bool) error {
	var own []string
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "sudo:") || strings.Contains(line, "sudoers") {
			own = append(own, line)
		}
	}
	switch {
	case len(own) > 0: // the rest is a lecture, or of a login shell
		said = strings.Join(own, "; ")
	case said == "":
		said = fmt.Sprintf("exit status %d", status)
	}
	switch {
	case strings.Contains(said, "must have a tty"):
		said += "; commands have no terminal here: write \"Defaults:USER !requiretty\" into sudoers"
	case !password && strings.Contains(said, "password"):
		said += "; give sudo's password, or allow this login NOPASSWD in sudoers"
	}
	return errors.New(said)
}
