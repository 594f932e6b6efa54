package ssh

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Communicator reaches a machine by SSH: one connection with a session for each
// command, as many at the same time as the server takes. It is lost when the machine
// is silent (Options.KeepAlive); the next call then connects again, once the machine
// has restarted.
type Communicator struct {
	o      Options
	link   *link
	tunnel *tunnels
}

var (
	_ machine.Communicator = (*Communicator)(nil)
	_ machine.Endpointer   = (*Communicator)(nil)
)

// Dial connects, trying for Options.Wait. A machine that shows a wrong host key is not
// tried again.
func Dial(ctx context.Context, o Options) (*Communicator, error) {
	o = o.withDefaults()
	t, err := listen(o)
	if err != nil {
		return nil, err
	}
	l, err := begin(ctx, o, t.use)
	if err != nil {
		t.close()
		return nil, fmt.Errorf("connect by SSH: %w", err)
	}
	return &Communicator{o: o, link: l, tunnel: t}, nil
}

// Endpoint is the machine's address, the user and the key that it let in; nil when it
// took none. Behind a jump host the address is as seen from there. A machine that is
// reached some other way has none.
func (c *Communicator) Endpoint() (addr, user string, key ssh.Signer) {
	if c.o.Transport != nil {
		return "", "", nil
	}
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	return c.o.Addr, c.o.User, c.link.conn.key
}

// Close ends the connection and what runs over it.
func (c *Communicator) Close() error {
	c.link.close()
	c.tunnel.close()
	return nil
}

// Run begins in the user's home directory. Another user than the one logged in is
// reached by sudo, or from root by su. A command that a signal ended has the status of
// a shell for that, 128 and its number.
func (c *Communicator) Run(ctx context.Context, cmd machine.Command) (int, error) {
	exit, err := c.run(ctx, cmd)
	if err != nil {
		return 0, fmt.Errorf("run command: %w", err)
	}
	return exit, nil
}

// attempts is how many fresh connections may end before a command got through.
const attempts = 3

func (c *Communicator) run(ctx context.Context, cmd machine.Command) (int, error) {
	if err := checkNames(cmd); err != nil {
		return 0, err
	}
	s := c.spawn(cmd)
	var last error
	for try := 0; try < attempts; {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		conn, err := c.link.get(ctx)
		if err != nil {
			return 0, err
		}
		s.ask = c.link.looks()
		o, err := c.one(ctx, conn, s)
		switch {
		case errors.Is(err, errNoChannel):
			last = err
			try++
			continue
		case err == nil && o.leaving:
			conn.end(errors.New("the machine is going down"))
			continue
		case err == nil && s.ask:
			c.link.looked()
		}
		c.link.ran(o.boot, cmd.Passive)
		if err == nil && o.exit > 128 && c.goingDown(ctx, conn) {
			return 0, fmt.Errorf("%w: the machine went down", machine.ErrDisconnected)
		}
		return o.exit, err
	}
	return 0, fmt.Errorf("%w: %w", machine.ErrUnreachable, last)
}

func (c *Communicator) spawn(cmd machine.Command) spawn {
	s := spawn{
		line: cmd.Line, env: cmd.Env, boot: c.o.bootFile, silence: c.o.Silence, begin: c.o.begin, agent: c.o.ForwardAgent != "",
		stdin: cmd.Stdin, stdout: cmd.Stdout, stderr: cmd.Stderr, tag: strings.ToLower(rand.Text()),
		merged: same(cmd.Stdout, cmd.Stderr),
	}
	s.pty = cmd.PTY || c.o.PTY && s.stdin == nil && s.merged
	if cmd.User != c.o.User {
		s.user = cmd.User
	}
	if s.user != "" {
		s.password = c.o.sudoPassword()
	}
	return s
}

// same tells whether two writers are one.
func same(a, b io.Writer) bool {
	t := reflect.TypeOf(a)
	return t != nil && t.Comparable() && a == b
}

// one runs a command over a connection. When ctx ends, or the command is silent for too
// long, nothing is left of it, as far as the machine can be told.
func (c *Communicator) one(ctx context.Context, conn *conn, s spawn) (outcome, error) {
	ch, err := conn.open(ctx)
	if err != nil {
		return outcome{}, err
	}
	var t *terminal
	if s.pty {
		if t, err = openTerminal(s.stdin); err != nil {
			ch.Close()
			return outcome{}, fmt.Errorf("open terminal: %w", err)
		}
		defer t.finish()
	}
	o, err := ch.run(ctx, newMark(), s, t)
	if err != nil && conn.alive() && (ctx.Err() != nil || errors.Is(err, machine.ErrDisconnected)) {
		c.kill(ctx, conn, s)
	}
	return o, err
}

func newMark() string { return "proofmark-" + strings.ToLower(rand.Text()) }

// killLimit bounds what is done for a command that was given up, over each of two
// connections.
const killLimit = 4 * time.Second

// killLine ends all processes with the tag in their environment, until there is none.
const killLine = `i=0; while [ $i -lt 50 ]; do i=$((i+1))
found=$(grep -ls -e "%[1]s=%[2]s" /proc/[0-9]*/environ 2>/dev/null)
[ "$found" ] || exit 0
for f in $found; do f=${f#/proc/}; kill -KILL "${f%%/environ}" 2>/dev/null; done
done; exit 1`

// kill ends what a command that was given up has left. The server's own signal reaches
// the group of processes alone, not another user's, and nothing of root's. Where the
// command holds the only session that the server gives, another connection does it.
func (c *Communicator) kill(ctx context.Context, conn *conn, s spawn) {
	ctx = context.WithoutCancel(ctx)
	if c.killOver(ctx, conn, s) == nil {
		return
	}
	login, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	second, err := c.o.login(login)
	if err == nil {
		defer second.close()
		err = c.killOver(ctx, second, s)
	}
	if err != nil { // the machine ends what it can when the connection goes
		conn.end(fmt.Errorf("a command that was given up could not be ended: %w", err))
	}
}

func (c *Communicator) killOver(ctx context.Context, conn *conn, s spawn) error {
	ctx, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	_, _, err := output(ctx, conn, c.o, fmt.Sprintf(killLine, commandEnv, s.tag), s.user)
	return err
}

// goingDown tells a command that was killed from a machine that goes down.
func (c *Communicator) goingDown(ctx context.Context, conn *conn) bool {
	_, state, err := c.link.state(ctx, conn)
	if err != nil {
		return !conn.alive() || errors.Is(err, machine.ErrDisconnected)
	}
	if state == "stopping" {
		conn.end(errors.New("the machine is going down"))
		return true
	}
	return false
}

// output runs a line over a connection and returns what it prints, whatever its status.
func output(ctx context.Context, conn *conn, o Options, line, user string) (string, outcome, error) {
	ch, err := conn.open(ctx)
	if err != nil {
		return "", outcome{}, err
	}
	var out machine.Tail
	s := spawn{line: line, boot: o.bootFile, begin: o.begin, user: user, stdout: &out, tag: strings.ToLower(rand.Text())}
	if user != "" {
		s.password = o.sudoPassword()
	}
	end, err := ch.run(ctx, newMark(), s, nil)
	return out.String(), end, err
}
