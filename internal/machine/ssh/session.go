package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// spawn is what a command is made of.
type spawn struct {
	line     string
	env      map[string]string
	user     string                                    // "": the one logged in
	password func(ctx context.Context) (string, error) // for sudo, when it asks; nil: it must not
	tag      string                                    // in the environment, as commandEnv
	boot     string                                    // file that tells which boot this is
	ask      bool                                      // the machine may be about to go down: look first
	pty      bool
	merged   bool // both outputs go to stdout
	agent    bool // offer the agent
	silence  time.Duration
	begin    time.Duration // for the machine's shell to read
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
}

// outcome is how a command ended.
type outcome struct {
	exit    int    // a shell's view of it: 128 and the signal's number for one that was killed
	boot    string // which boot it ran in; "" when the machine does not tell
	leaving bool   // it did not begin, because the machine goes down
}

// session is a command under way.
type session struct {
	ch     *channel
	s      spawn
	mark   string
	out    *stream
	err    *stream
	idle   *idle
	status chan status // one comes, when the exit status has come or the channel ended

	mu       sync.Mutex
	began    chan struct{} // closed when the machine's shell reads
	terminal chan struct{} // closed when the terminal is the command's
	asked    int           // how often sudo asked
	refused  error         // why it got no answer
	answer   func()        // gives it one
	answered chan struct{} // closed when it has got one, or will get none
	boot     string
	left     bool
}

// run runs a command on an open channel, and closes that. The error is
// machine.ErrDisconnected when its end is not known, and the cause of ctx's end when
// that comes first; then it may go on in the machine.
func (ch *channel) run(ctx context.Context, mark string, s spawn, t *terminal) (outcome, error) {
	r := &session{ch: ch, s: s, mark: mark, idle: newIdle(s.silence), status: make(chan status, 1),
		began: make(chan struct{}), terminal: make(chan struct{}), answered: make(chan struct{})}
	defer r.idle.stop()
	r.answer = func() { r.givePassword(ctx) }
	r.out = newStream(mark, orDiscard(s.stdout), r.event, r.idle.moved)
	r.err = newStream(mark, orDiscard(s.stderr), r.event, r.idle.moved)
	if err := r.start(ctx, t); err != nil {
		go r.abandon()
		return outcome{}, err
	}
	if t != nil {
		t.follow(ch)
	}
	go r.out.copy(ch)
	go r.err.copy(ch.Stderr())
	go r.feed(ctx)
	return r.wait(ctx)
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// start sends the requests. A server that has taken the last of them runs the command.
func (r *session) start(ctx context.Context, t *terminal) error {
	go func() { r.status <- awaitStatus(r.ch.requests) }()
	done := make(chan error, 1)
	go func() { done <- r.ask(t) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.idle.out:
		return r.silent()
	}
}

func (r *session) ask(t *terminal) error {
	if r.s.agent {
		// Where it is not allowed the command runs without.
		if _, err := r.ch.SendRequest("auth-agent-req@openssh.com", false, nil); err != nil {
			return r.lost(err)
		}
	}
	if t != nil {
		ok, err := r.ch.SendRequest("pty-req", true, t.request())
		if err != nil {
			return r.lost(err)
		}
		if !ok {
			return errors.New("the machine gives no terminal: its sshd has PermitTTY no, or the key no-pty")
		}
	}
	line := execLine(r.mark, r.s.tag, r.s.boot, r.s.user, r.s.password != nil)
	ok, err := r.ch.SendRequest("exec", true, ssh.Marshal(struct{ Line string }{line}))
	if err != nil {
		return r.lost(err)
	}
	if !ok {
		return errors.New("the machine runs no commands for this login")
	}
	return nil
}

func (r *session) lost(err error) error {
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", machine.ErrDisconnected, err)
	}
	select {
	case <-r.ch.conn.gone: // which knows more
		return r.ch.conn.lost()
	case <-time.After(100 * time.Millisecond):
		return fmt.Errorf("%w: the machine closed the session", machine.ErrDisconnected)
	}
}

func (r *session) silent() error {
	return fmt.Errorf("%w: the command was silent for %s, the ssh_read_write_timeout", machine.ErrDisconnected, r.s.silence)
}

// backgroundLimit is how long output is waited for after a shell that was killed, or
// that never began: it does not say where its command's output ends.
const backgroundLimit = 500 * time.Millisecond

// wait waits for the exit status, and for all that was printed before.
func (r *session) wait(ctx context.Context) (outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		if r.late(ctx) {
			cancel(r.notBegun(status{stuck: r.s.begin}))
		}
	}()
	var st status
	select {
	case st = <-r.status:
	case <-ctx.Done():
		return r.stop(context.Cause(ctx))
	case <-r.idle.out:
		return r.stop(r.silent())
	}
	both := []*stream{r.out, r.err}
	if r.s.pty {
		both = both[:1] // a terminal is one
	}
	limit := time.NewTimer(backgroundLimit)
	defer limit.Stop()
	for len(both) > 0 {
		select {
		case <-both[0].ended:
			both = both[1:]
		case <-limit.C:
			if st.signal != "" || !r.hasBegun() {
				both = nil
			}
		case <-ctx.Done():
			return r.stop(context.Cause(ctx))
		case <-r.idle.out:
			return r.stop(r.silent())
		}
	}
	o, err := r.stop(nil)
	if err != nil {
		return o, fmt.Errorf("hand on output: %w", err)
	}
	return r.judge(o, st)
}

// late waits until the machine's shell should read, and tells whether it does not. When
// sudo has asked for a password, the time begins anew with the answer: somebody may type.
func (r *session) late(ctx context.Context) bool {
	for answered := false; ; answered = true {
		t := time.NewTimer(r.s.begin)
		select {
		case <-t.C:
		case <-r.began:
		case <-ctx.Done():
		}
		t.Stop()
		r.mu.Lock()
		asked := r.asked > 0
		r.mu.Unlock()
		if answered || !asked || r.hasBegun() || ctx.Err() != nil {
			return ctx.Err() == nil && !r.hasBegun()
		}
		select {
		case <-r.answered:
		case <-ctx.Done():
		}
	}
}

func (r *session) hasBegun() bool {
	select {
	case <-r.began:
		return true
	default:
		return false
	}
}

// stop ends the session; the error is the given one, or that of the caller's writers.
func (r *session) stop(why error) (outcome, error) {
	if why != nil {
		go r.abandon() // the machine may not read any more
	}
	err := errors.Join(r.out.stop(), r.err.stop())
	if why != nil {
		err = why
	} else {
		r.ch.Close()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return outcome{boot: r.boot, leaving: r.left}, err
}

// abandon ends the group of processes that the command is, where the server does that.
func (r *session) abandon() {
	_, _ = r.ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"KILL"}))
	r.ch.Close()
}

// judge tells a command that ended from one that never began, and from a connection
// that ended.
func (r *session) judge(o outcome, st status) (outcome, error) {
	if !r.hasBegun() {
		if err := r.notBegun(st); err != nil {
			return o, err
		}
	}
	if st.missing {
		return o, r.lost(io.EOF)
	}
	o.exit = st.code
	return o, nil
}

// notBegun says why the machine's shell was never reached; nil when the connection
// ended.
func (r *session) notBegun(st status) error {
	r.mu.Lock()
	asked, refused := r.asked, r.refused
	r.mu.Unlock()
	said := strings.TrimSpace(r.out.said() + "\n" + r.err.said())
	switch {
	case refused != nil:
		return &becomeError{r.s.user, refused}
	case asked > 1, asked > 0 && strings.Contains(said, "incorrect password attempt"):
		return &becomeError{r.s.user, errPassword}
	case st.missing:
		return nil
	case st.stuck > 0:
		said, _, _ = strings.Cut(said, "\n")
		return fmt.Errorf("the login's shell runs nothing within %s: look what its start files (.profile, .bashrc) wait for; it says %q", st.stuck, said)
	case r.s.user != "":
		return &becomeError{r.s.user, sudoSaid(said, st.code, r.s.password != nil)}
	}
	return fmt.Errorf("the login runs no shell (exit status %d): %s", st.code, said)
}
