package rootfs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
)

// process is one command in a guest, with a control group of its own.
type process struct {
	cmd   *exec.Cmd
	group cgroup.Group
	mark  string // in the environment of all that it starts; "" with a group
	pipes []*pipe
	stdin io.Closer
}

// spawn is what a process is made of.
type spawn struct {
	name    string // of the control group, unique within the guest
	account account
	env     map[string]string // complete
	line    string            // for the machine's shell
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	tty     *os.File // takes the place of the three
}

// enter is the command line that runs argv in the guest: with no more
// capabilities than the guest has, in all its namespaces, of which the files are
// given along.
func (g *guest) enter(a account, argv []string) []string {
	line := []string{
		"setpriv", "--bounding-set=" + g.caps, "--inh-caps=-all", "--",
		"nsenter",
	}
	line = append(line, g.hold.options()...)
	if a.uid != 0 {
		// The groups are those that nsenter was started with.
		line = append(line, "--setuid="+strconv.FormatUint(uint64(a.uid), 10))
	}
	return append(append(line, "--"), argv...)
}

// start starts a process.
func (g *guest) start(s spawn) (*process, error) {
	group, err := g.group.Child(s.name)
	if err != nil {
		return nil, err
	}
	p := &process{group: group}
	if group.None() {
		p.mark = commandEnv + "=" + s.name + "-" + strings.ToLower(rand.Text())
		s.env = maps.Clone(s.env)
		s.env[commandEnv] = strings.TrimPrefix(p.mark, commandEnv+"=")
	}
	env, argv := s.shell(g.hold.closing())
	line := append(joinGroup(group), g.enter(s.account, argv)...)
	p.cmd = exec.Command(line[0], line[1:]...)
	p.cmd.Env = env
	p.cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid:     true,
		Credential: &syscall.Credential{Gid: s.account.gid, Groups: s.account.groups},
	}
	if err := p.connect(s); err != nil {
		return nil, errors.Join(err, p.discard())
	}
	err = g.hold.use(func(files []*os.File) error {
		p.cmd.ExtraFiles = files
		return p.cmd.Start()
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("enter machine: %w", err), p.discard())
	}
	p.started(s)
	return p, nil
}

// connect sets up input and output before the start.
func (p *process) connect(s spawn) error {
	if s.tty != nil {
		p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = s.tty, s.tty, s.tty
		p.cmd.SysProcAttr.Setctty = true
		return nil
	}
	output := func(to io.Writer) (io.Writer, error) {
		if to == nil {
			return nil, nil
		}
		pipe, err := newPipe(to)
		if err != nil {
			return nil, err
		}
		p.pipes = append(p.pipes, pipe)
		return pipe.w, nil
	}
	var err error
	if p.cmd.Stdout, err = output(s.stdout); err != nil {
		return err
	}
	if same(s.stdout, s.stderr) {
		p.cmd.Stderr = p.cmd.Stdout // in the order in which it is printed, and one writer at a time
	} else if p.cmd.Stderr, err = output(s.stderr); err != nil {
		return err
	}
	if s.stdin != nil {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		p.cmd.Stdin, p.stdin = r, w
	}
	return nil
}

// same tells whether two writers are one.
func same(a, b io.Writer) bool {
	t := reflect.TypeOf(a)
	return t != nil && t.Comparable() && a == b
}

// started closes the child's ends and begins to copy.
func (p *process) started(s spawn) {
	for _, pipe := range p.pipes {
		pipe.w.Close()
		go pipe.copy()
	}
	if p.stdin == nil {
		return
	}
	if r, ok := p.cmd.Stdin.(*os.File); ok {
		r.Close()
	}
	go func() {
		_, _ = io.Copy(p.stdin.(io.Writer), s.stdin) // a command need not read all of it
		p.stdin.Close()
	}()
}

// wait waits for the command's end and for all that it printed before. Whatever
// it left in the background goes on, but is not waited for. When ctx ends first,
// nothing is left of it.
func (p *process) wait(ctx context.Context) (*os.ProcessState, error) {
	done := make(chan struct{})
	go func() { defer close(done); _ = p.cmd.Wait() }() // the state tells
	go resume(p.cmd.Process.Pid)
	var ended error
	select {
	case <-done:
	case <-ctx.Done():
		ended = context.Cause(ctx)
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := p.kill(own, done); err != nil {
			ended = errors.Join(ended, err)
		}
		<-done
	}
	if p.stdin != nil {
		p.stdin.Close()
	}
	var errs []error
	for _, pipe := range p.pipes {
		errs = append(errs, pipe.finish())
	}
	// With something in the background the group stays, until the machine ends.
	_ = p.group.Remove()
	if ended != nil {
		return nil, ended
	}
	return p.cmd.ProcessState, errors.Join(errs...)
}

// kill ends the command and all that it started. done is closed when the command
// has ended.
func (p *process) kill(ctx context.Context, done <-chan struct{}) error {
	if p.group.None() {
		err := killCommand(ctx, p.cmd.Process.Pid, p.mark)
		_ = p.cmd.Process.Kill() // it has ended, unless err says otherwise
		return err
	}
	// First what may not have joined the group yet: afterwards nothing joins.
	_ = p.cmd.Process.Kill()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("wait for the killed command: %w", context.Cause(ctx))
	}
	return errors.Join(err, p.group.Kill(ctx))
}

// resume keeps nsenter going until it ends. It stops when the command inside is
// stopped, as every process is for a moment when a machine shuts down, and would
// then never see it end; the machine could not go down.
func resume(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return // it has ended
		default:
			_ = unix.Kill(pid, unix.SIGCONT)
		}
	}
}

// discard undoes what was prepared for a process that did not start.
func (p *process) discard() error {
	for _, pipe := range p.pipes {
		pipe.w.Close()
		pipe.r.Close()
	}
	if p.stdin != nil {
		p.stdin.Close()
		p.cmd.Stdin.(io.Closer).Close()
	}
	return p.group.Remove()
}

// status is a shell's view of how a process ended.
func status(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}

// pipe copies what a process prints.
type pipe struct {
	r, w *os.File
	to   io.Writer
	done chan struct{}
	err  error
}

func newPipe(to io.Writer) (*pipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &pipe{r: r, w: w, to: to, done: make(chan struct{})}, nil
}

func (p *pipe) copy() {
	defer close(p.done)
	_, err := io.Copy(p.to, p.r)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		p.err = fmt.Errorf("hand on output: %w", err)
		_, _ = io.Copy(io.Discard, p.r) // the command must not block on a full pipe
	}
}

// finish takes what is in the pipe now, and leaves what a process in the
// background may still print.
func (p *pipe) finish() error {
	defer p.r.Close()
	n := pending(p.r, p.done)
	if p.err != nil {
		return p.err
	}
	if _, err := io.CopyN(p.to, p.r, n); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("hand on output: %w", err)
	}
	return nil
}

// pending stops the goroutine that reads f and closes done, and returns how many
// bytes are there to be read now.
func pending(f *os.File, done <-chan struct{}) int64 {
	_ = f.SetReadDeadline(time.Now())
	<-done
	_ = f.SetReadDeadline(time.Time{})
	var n int
	raw, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	if err != nil {
		return 0
	}
	return int64(n)
}
