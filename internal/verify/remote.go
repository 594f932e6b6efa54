package verify

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

const (
	startLimit = time.Minute      // from the start of the probe to its greeting
	endLimit   = 10 * time.Second // for the probe to end, and for what is left to be removed
)

// remote is a probe that runs as a program somewhere else.
type remote struct {
	conn   *probe.Conn
	remove func() // what was brought to where it runs, if it did not do so itself
	stdin  *os.File
	stdout *io.PipeReader
	stderr *excerpt
	stop   context.CancelFunc
	ended  chan struct{} // closed when Run has returned
	exit   int           // after ended
	err    error         // after ended
}

// program runs a probe until its standard input ends, or ctx does. Stdin is a file.
type program func(ctx context.Context, stdin *os.File, stdout, stderr io.Writer) (exit int, err error)

// startRemote brings a probe into the machine and starts it. The probe ends when
// ctx does.
func startRemote(ctx context.Context, c machine.Communicator, o Options, args []string) (_ asker, err error) {
	r, err := startAttended(ctx, c, o, args)
	var gone *goneError
	if errors.As(err, &gone) {
		r, err = startPiped(ctx, c, o, probeName(), args)
	}
	if err == nil || !errors.As(err, &gone) {
		return r, err
	}
	place, err := findPlace(ctx, c, probeName())
	if err != nil {
		return nil, err
	}
	path, err := upload(ctx, c, place, probeName(), o.Probe)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			remove(ctx, c, "", path)
		}
	}()
	line := "exec " + path + " serve --unlink" + quoted(args)
	run := func(ctx context.Context, stdin *os.File, stdout, stderr io.Writer) (int, error) {
		return c.Run(ctx, machine.Command{Line: o.asUser(line), User: o.User, Stdin: stdin, Stdout: stdout, Stderr: stderr})
	}
	for try := 1; ; try++ {
		r, err := launch(ctx, run, nil, o.Asking)
		if err == nil {
			r.remove = func() { remove(context.Background(), c, "", path) }
			return r, nil
		}
		if try == 5 || !strings.Contains(err.Error(), "busy") {
			return nil, err
		}
		// Some process forked while the file was written still holds it open for
		// writing, and will let go of it at its exec.
		if !sleep(ctx, 50*time.Millisecond) {
			return nil, context.Cause(ctx)
		}
	}
}

// startAttended starts the program once more that runs the machine's commands. A
// *goneError says that it has to be brought there.
func startAttended(ctx context.Context, c machine.Communicator, o Options, args []string) (*remote, error) {
	a, ok := c.(machine.Attended)
	if !ok || o.User != "" || a.ProbeLine() == "" {
		return nil, &goneError{why: "no probe runs the machine's commands"}
	}
	line := a.ProbeLine() + " serve" + quoted(args)
	return launch(ctx, func(ctx context.Context, stdin *os.File, stdout, stderr io.Writer) (int, error) {
		return c.Run(ctx, machine.Command{Line: line, Stdin: stdin, Stdout: stdout, Stderr: stderr})
	}, nil, o.Asking)
}

// probeName is another one each time: a name that was seen in /tmp could be a link by now,
// which somebody else has planted.
func probeName() string { return ".proofmark-probe-" + strings.ToLower(rand.Text()) }

// upload puts the probe into the first directory that takes it.
func upload(ctx context.Context, c machine.Communicator, p place, name string, open func(arch string) (io.ReadCloser, error)) (string, error) {
	var why []string
	for _, dir := range p.dirs {
		if open == nil {
			return "", &goneError{why: "this session has no probe program"}
		}
		program, err := open(p.arch)
		if err != nil {
			return "", &goneError{why: err.Error()}
		}
		path := dir + "/" + name
		err = c.Put(ctx, path, 0o700, program)
		program.Close()
		switch {
		case err == nil:
			return path, nil
		case ctx.Err() != nil, errors.Is(err, machine.ErrDisconnected):
			remove(ctx, c, "", path)
			return "", fmt.Errorf("upload probe: %w", err)
		}
		remove(ctx, c, "", path)
		why = append(why, strings.ReplaceAll(err.Error(), "/"+name, ""))
	}
	return "", &goneError{why: "cannot upload the probe: " + strings.Join(why, "; ")}
}

// slowest is a link, in bytes a second, that a probe may still come over.
const slowest = 16 << 10

// withPatience ends ctx with why after limit, and later where somebody is being asked just
// then, who has as long again.
func withPatience(ctx context.Context, limit time.Duration, asking func() bool, why error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for sleep(ctx, limit) {
			if asking == nil || !asking() {
				cancel(why)
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// launch starts a probe, with what it reads first, and waits for its greeting.
func launch(ctx context.Context, run program, first []byte, asking func() bool) (*remote, error) {
	runCtx, stop := context.WithCancel(ctx)
	// A file goes to a local command as it is. From any other reader something
	// would have to copy, and would sit in Read when the command has ended.
	questions, stdin, err := os.Pipe()
	if err != nil {
		stop()
		return nil, err
	}
	stdout, answers := io.Pipe()
	r := &remote{remove: func() {}, stdin: stdin, stdout: stdout, stderr: &excerpt{limit: 2 << 10}, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.exit, r.err = run(runCtx, questions, answers, r.stderr)
		answers.Close()
		questions.Close()
	}()
	if len(first) > 0 {
		go func() { _, _ = stdin.Write(first) }() // what was not read shows by the greeting that does not come
	}
	limit := startLimit + time.Duration(len(first)/slowest)*time.Second
	greeting, cancel := withPatience(ctx, limit, asking, fmt.Errorf("it says nothing within %v", limit))
	defer cancel()
	err = r.watch(greeting, func() (err error) {
		r.conn, err = probe.Dial(stdout, stdin)
		return err
	})
	if err == nil {
		return r, nil
	}
	err = r.explain(ctx, err)
	r.end()
	return nil, err
}

// Ask implements asker.
func (r *remote) Ask(ctx context.Context, qs []probe.Question) (answers []probe.Answer, err error) {
	err = r.watch(ctx, func() (err error) {
		answers, err = r.conn.Ask(qs)
		return err
	})
	if err != nil {
		err = r.explain(ctx, err)
	}
	return answers, err
}

// watch breaks the pipes to the probe if ctx ends before f does.
func (r *remote) watch(ctx context.Context, f func() error) error {
	stop := context.AfterFunc(ctx, func() {
		r.stdout.CloseWithError(context.Cause(ctx))
		r.stdin.Close()
	})
	defer stop()
	return f()
}

// explain finds out why the talk with the probe broke off: the connection, or the
// probe itself.
func (r *remote) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.stdin.Close()
	select {
	case <-r.ended:
	case <-time.After(2 * time.Second):
		return &goneError{why: err.Error()}
	}
	if r.err != nil {
		return r.err
	}
	why, said := fmt.Sprintf("the probe ended with exit status %d", r.exit), r.stderr.String()
	if said != "" {
		why += ": " + said
	}
	if r.exit == 0 {
		why += ": " + err.Error()
	}
	return &goneError{why: why, said: said}
}

// Close implements asker.
func (r *remote) Close() error {
	unlinked := r.conn.Hello().Unlinked
	err := r.end()
	if !unlinked {
		r.remove()
	}
	return err
}

// end lets the probe end by itself, or else ends it.
func (r *remote) end() error {
	r.stdin.Close()
	r.stdout.CloseWithError(io.ErrClosedPipe)
	defer r.stop()
	for _, limit := range []time.Duration{endLimit / 2, endLimit / 2} {
		t := time.NewTimer(limit)
		select {
		case <-r.ended:
			t.Stop()
			return r.err
		case <-t.C:
			r.stop()
		}
	}
	return errors.New("the probe does not end")
}

// remove removes files of ours from the machine, also when ctx has ended.
func remove(ctx context.Context, c machine.Communicator, user, path string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	_, _ = c.Run(ctx, machine.Command{Line: "rm -f " + path, User: user, Passive: true})
}

// excerpt keeps the beginning of what a program prints.
type excerpt struct {
	limit int
	mu    sync.Mutex
	buf   bytes.Buffer
}

func (e *excerpt) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if room := e.limit - e.buf.Len(); room > 0 {
		e.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (e *excerpt) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.TrimSpace(e.buf.String())
}
