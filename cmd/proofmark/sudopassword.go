package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	xterm "golang.org/x/term"
)

// sudoPasswordEnv holds what sudo on SSH targets is given when it asks.
const sudoPasswordEnv = "PROOFMARK_SUDO_PASSWORD"

// takeSudoPassword returns what the environment says, and takes it out: specs and what
// they run may come from others, and see the rest of the environment.
func takeSudoPassword() string {
	text := os.Getenv(sudoPasswordEnv)
	_ = os.Unsetenv(sudoPasswordEnv) // its name is one that can be set
	return text
}

// giveBackSudoPassword undoes takeSudoPassword.
func giveBackSudoPassword(text string) {
	if text != "" {
		_ = os.Setenv(sudoPasswordEnv, text) // where it came from
	}
}

// sudoPassword finds the password of sudo on one target, and keeps it: several commands
// may be asked for it. It is safe for concurrent use.
type sudoPassword struct {
	user, host string
	given      string        // by the environment
	offered    func() string // by the specs
	turn       *sync.Mutex   // at the terminal

	asking atomic.Bool // somebody types, or will

	mu    sync.Mutex
	known bool
	text  string
}

// get returns what the environment says, else what the specs set, else what a person at
// the terminal types.
func (p *sudoPassword) get(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known {
		return p.text, nil
	}
	text := cmp.Or(p.given, p.offered())
	if text == "" {
		p.asking.Store(true)
		defer p.asking.Store(false)
		var err error
		if text, err = typed(ctx, p.turn, fmt.Sprintf("Password of %s on %s for sudo: ", p.user, p.host)); err != nil {
			return "", err
		}
	}
	p.known, p.text = true, text
	return text, nil
}

// typed asks a person, and does not show what is typed.
func typed(ctx context.Context, turn *sync.Mutex, prompt string) (string, error) {
	fd := int(os.Stdin.Fd())
	if !xterm.IsTerminal(fd) {
		return "", errors.New("sudo asks for a password, and there is none: set " + sudoPasswordEnv + ", allow the login NOPASSWD in sudoers")
	}
	turn.Lock()
	defer turn.Unlock()
	before, err := xterm.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("ask for sudo's password: %w", err)
	}
	fmt.Fprint(os.Stderr, prompt)
	type line struct {
		text []byte
		err  error
	}
	done := make(chan line, 1)
	go func() {
		text, err := xterm.ReadPassword(fd)
		done <- line{text, err}
	}()
	defer fmt.Fprintln(os.Stderr)
	select {
	case l := <-done:
		if l.err != nil {
			return "", fmt.Errorf("ask for sudo's password: %w", l.err)
		}
		return string(l.text), nil
	case <-ctx.Done(): // the read goes on, and nothing else reads there any more
		_ = xterm.Restore(fd, before)
		return "", context.Cause(ctx)
	}
}
