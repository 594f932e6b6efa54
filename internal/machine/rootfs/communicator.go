package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// communicator runs commands in a machine by entering its namespaces, and moves
// files through its root directory.
type communicator struct {
	m     *rootMachine
	life  *life
	env   map[string]string // proxies
	count *atomic.Int64     // names control groups
}

var (
	_ machine.Communicator = (*communicator)(nil)
	_ machine.Remover      = (*communicator)(nil)
)

// Run begins in the user's home directory, as a login would. With a terminal the
// machine has one of its own, of the size of the one that Stdin is, if it is one.
func (c *communicator) Run(ctx context.Context, cmd machine.Command) (int, error) {
	g, err := c.life.settled(ctx, c.goingDown)
	if err != nil {
		return 0, fmt.Errorf("run command: %w", err)
	}
	if !cmd.Passive {
		defer c.life.ask()
	}
	a, err := c.account(g, cmd.User)
	if err != nil {
		return 0, c.lost(ctx, g, fmt.Errorf("run command: %w", err))
	}
	s := spawn{
		account: a,
		env:     environ(a, c.env, cmd.Env),
		line:    cmd.Line,
		stdin:   cmd.Stdin, stdout: cmd.Stdout, stderr: cmd.Stderr,
	}
	exit, err := c.run(ctx, g, s, cmd.PTY)
	if err != nil {
		return 0, fmt.Errorf("run command: %w", err)
	}
	return exit, nil
}

func (c *communicator) run(ctx context.Context, g *guest, s spawn, pty bool) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, context.Cause(ctx)
	}
	s.name = "command" + strconv.FormatInt(c.count.Add(1), 10)
	var t *terminal
	if pty {
		var err error
		if t, err = openTerminal(g, s.stdin, s.stdout); err != nil {
			return 0, c.lost(ctx, g, err)
		}
		defer t.finish()
		s.tty = t.slave
		if _, ok := s.env["TERM"]; !ok {
			s.env["TERM"] = t.kind
		}
	}
	p, err := g.start(s)
	if err != nil {
		return 0, c.lost(ctx, g, err)
	}
	if t != nil {
		t.copy()
	}
	state, err := p.wait(ctx)
	if err != nil {
		return 0, c.lost(ctx, g, err)
	}
	return c.judge(ctx, g, status(state))
}

// judge tells a command that ended from one that was ended by the machine's
// going down.
func (c *communicator) judge(ctx context.Context, g *guest, exit int) (int, error) {
	if exit == 0 {
		return 0, nil
	}
	if g.leaving() {
		return 0, c.lost(ctx, g, errors.New("the machine went down"))
	}
	const bySignal = 128
	if exit <= bySignal || !c.dying(g) {
		return exit, nil
	}
	return 0, c.lost(ctx, g, errors.New("the machine went down"))
}

// dying waits a moment for the leader of a guest whose command was killed: when
// process 1 of a namespace ends, it is the last to be seen gone.
func (c *communicator) dying(g *guest) bool {
	for range 20 {
		if g.leaving() {
			return true
		}
		select {
		case <-g.end.exited:
			return true
		case <-time.After(time.Millisecond):
		}
	}
	return false
}

// lost marks an error of a guest that is gone, or going, as a lost connection.
func (c *communicator) lost(ctx context.Context, g *guest, err error) error {
	if ctx.Err() != nil || errors.Is(err, machine.ErrDisconnected) || !g.leaving() {
		return err
	}
	return fmt.Errorf("%w: %w", machine.ErrDisconnected, err)
}

// goingDown asks the init system whether it is.
func (c *communicator) goingDown(ctx context.Context, g *guest) bool {
	if g.leaving() {
		return true
	}
	var out strings.Builder
	a := account{home: "/"}
	_, err := c.run(ctx, g, spawn{
		account: a, env: environ(a), stdout: &out, line: "systemctl is-system-running 2>/dev/null",
	}, false)
	return errors.Is(err, machine.ErrDisconnected) || strings.TrimSpace(out.String()) == "stopping"
}

// account finds the user that a command runs as.
func (c *communicator) account(g *guest, user string) (account, error) {
	root := account{name: "root", home: "/root", shell: "/bin/sh"}
	if user == "" || user == "root" || user == "0" {
		return root, nil
	}
	in, err := g.files()
	if err != nil {
		return account{}, err
	}
	defer in.Close()
	passwd, err := in.read("/etc/passwd")
	if err != nil {
		return account{}, err
	}
	group, err := in.read("/etc/group")
	if err != nil {
		return account{}, err
	}
	return lookup(user, string(passwd), string(group))
}

// Put keeps the owner of a file that it replaces.
func (c *communicator) Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error {
	return c.files(ctx, "put", path, func(in inside) error { return in.put(path, mode, reader{ctx, r}) })
}

func (c *communicator) Get(ctx context.Context, path string, w io.Writer) error {
	return c.files(ctx, "get", path, func(in inside) error { return in.get(path, writer{ctx, w}) })
}

// Remove implements machine.Remover.
func (c *communicator) Remove(ctx context.Context, paths ...string) error {
	for _, path := range paths {
		if err := c.files(ctx, "remove", path, func(in inside) error { return in.remove(path) }); err != nil {
			return err
		}
	}
	return nil
}

func (c *communicator) files(ctx context.Context, verb, path string, f func(inside) error) error {
	g, err := c.life.settled(ctx, c.goingDown)
	if err != nil {
		return fmt.Errorf("%s %s: %w", verb, path, err)
	}
	in, err := g.files()
	if err == nil {
		defer in.Close()
		err = f(in)
	}
	if err != nil {
		return c.lost(ctx, g, fmt.Errorf("%s: %w", verb, err))
	}
	return nil
}

// Close has nothing to give back: the machine goes on.
func (c *communicator) Close() error { return nil }

// reader and writer end a long copy when ctx does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(p)
}

type writer struct {
	ctx context.Context
	w   io.Writer
}

func (w writer) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.w.Write(p)
}
