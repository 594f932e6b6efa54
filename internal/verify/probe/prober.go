package probe

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Prober answers questions about one system: the running one, or a tree of files
// in which nothing runs. It is safe for concurrent use.
type Prober struct {
	root   string
	around Around
	kept   *databases
}

// NewProber makes a prober for the tree at root; "/" or "" is the running system.
func NewProber(root string) *Prober {
	if root == "" {
		root = "/"
	}
	return &Prober{root: root, kept: &databases{}}
}

// Within returns a prober that leaves out what is around the system.
func (p *Prober) Within(a Around) *Prober { return &Prober{root: p.root, around: a, kept: p.kept} }

// Emit takes one answer: a fact, or why there is none. Its error ends the round.
type Emit func(fact any, why error) error

// Round answers the questions in their order. A fact is read after all commands
// that precede it and before all that follow; between two commands each database
// is read once. A panic, or a question that takes too long, is that question's
// error alone. Round itself fails when ctx ends or emit fails.
func (p *Prober) Round(ctx context.Context, qs []Question, emit Emit) error {
	for len(qs) > 0 {
		n := untilCommand(qs)
		if err := p.segment(ctx, qs[:n], emit); err != nil {
			return err
		}
		qs = qs[n:]
	}
	return nil
}

// untilCommand returns how many questions there are up to the first command that
// may change something, that one included.
func untilCommand(qs []Question) int {
	for i, q := range qs {
		if q.Kind == KindCommand && !isSet(q.Args["passive"]) {
			return i + 1
		}
	}
	return len(qs)
}

func (p *Prober) segment(ctx context.Context, qs []Question, emit Emit) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	v := newView(p, qs)
	ahead := startAhead(ctx, v, qs)
	for i, q := range qs {
		o := ahead.take(ctx, i)
		if o == nil {
			o = v.answer(ctx, q)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit(o.fact, o.err); err != nil {
			return err
		}
	}
	return nil
}

type outcome struct {
	fact any
	err  error
}

// answer reads one fact within the question's time limit. What does not return in
// time (a dead network file system) is left behind.
func (v *view) answer(ctx context.Context, q Question) *outcome {
	limit := limitOf(q)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	defer cancel()
	done := make(chan *outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- &outcome{err: fmt.Errorf("answer %s question: panic: %v", q.Kind, r)}
			}
		}()
		fact, err := v.fact(ctx, q)
		done <- &outcome{fact, err}
	}()
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
		if q.Kind == KindCommand {
			// It has to kill what it started before whoever waits for it may go on,
			// and perhaps end this process.
			select {
			case <-done:
			case <-time.After(killGrace):
			}
		}
		return &outcome{err: context.Cause(ctx)}
	}
}

// killGrace is how long a command that is over may take to be gone.
const killGrace = 2 * time.Second

// errTree answers what only a running system can tell.
var errTree = errors.New("needs a running system, and this is a tree of files")

func (v *view) fact(ctx context.Context, q Question) (any, error) {
	if !v.live() && needsRunning(q.Kind) {
		return nil, errTree
	}
	switch q.Kind {
	case KindFile:
		return v.file(ctx, q)
	case KindGrep:
		return v.grep(ctx, q)
	case KindPackage:
		return v.packageNamed(q.Name)
	case KindService:
		return v.service(ctx, q.Name)
	case KindPort:
		return v.port(q.Name)
	case KindUser:
		return v.user(ctx, q.Name)
	case KindGroup:
		return v.group(ctx, q.Name)
	case KindProcess:
		return v.process(q.Name)
	case KindCommand:
		return command(ctx, q)
	case KindKernelParam:
		if err := v.around.param(q.Name); err != nil {
			return nil, err
		}
		return kernelParam(q.Name)
	case KindMount:
		return v.mount(ctx, q)
	case KindAddr:
		return addr(ctx, q)
	case KindDNS:
		return lookUp(ctx, q)
	case KindHTTP:
		return fetch(ctx, q)
	case KindInterface:
		return netInterface(q.Name)
	case KindSystem:
		return v.system(ctx)
	case KindInventory:
		return v.inventory(ctx)
	}
	return nil, fmt.Errorf("unknown kind of question %q", q.Kind)
}

func needsRunning(kind string) bool {
	switch kind {
	case KindPort, KindProcess, KindCommand, KindKernelParam, KindMount, KindAddr, KindDNS, KindHTTP, KindInterface:
		return true
	}
	return false
}

// limitOf returns how long a question may take: its own timeout and some more,
// because the kinds that have one keep it by themselves and say so better.
func limitOf(q Question) time.Duration {
	const grace = 10 * time.Second
	switch q.Kind {
	case KindFile, KindGrep, KindInventory: // reading of large files
		return 5 * time.Minute
	}
	if d, err := timeoutOf(q, 0); err == nil && d > 0 {
		return d + grace
	}
	return 30 * time.Second
}

// commandLimit is how long a command may take that says nothing else.
const commandLimit = 10 * time.Second

// Timeout is how long the question says that its answer may take; 0 for one that
// says nothing.
func Timeout(q Question) time.Duration {
	otherwise := time.Duration(0)
	if q.Kind == KindCommand {
		otherwise = commandLimit
	}
	d, err := timeoutOf(q, otherwise)
	if err != nil {
		return 0
	}
	return d
}

// timeoutOf returns the question's timeout argument.
func timeoutOf(q Question, otherwise time.Duration) (time.Duration, error) {
	arg := q.Args["timeout"]
	if arg == "" {
		return otherwise, nil
	}
	d, err := time.ParseDuration(arg)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("read timeout %q: not a positive duration", arg)
	}
	return d, nil
}

// isSet reads an argument that is a switch.
func isSet(arg string) bool { return arg != "" && arg != "0" && arg != "false" }
