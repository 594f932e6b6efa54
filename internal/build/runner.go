package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// cleanupLimit bounds the clean-up after a build has ended or was cancelled.
const cleanupLimit = 2 * time.Minute

// Kind under which the flow's own resources stand in the ledger.
const ledgerKind = "build"

// runner is the state of one build while it runs.
type runner struct {
	*Plan
	*job
	log      *logger
	started  time.Time
	res      *ledger.Scope // the builder's resources
	own      *ledger.Scope // the flow's resources: the image directory, processes on this host
	ownWhere ledger.Where
	snap     machine.Snapshotter
	chain    []layer   // base, then one for each step
	key      cache.Key // of the image
	proof    cache.Key // of its proof
	report   Report
	output   string // directory of the captured image
	kept     bool   // a failed machine stays; its scope is not closed
}

func newRunner(p *Plan, j *job) *runner {
	id := p.run + "-" + fileName(j.Name)
	where := ledger.Where{}
	if l, ok := j.builder.(machine.Located); ok {
		where = l.Where()
	}
	r := &runner{Plan: p, job: j, started: time.Now(),
		res:      p.kit.Ledger.Scope(p.run, j.Source.Type, where),
		ownWhere: ledger.Where{whereTemp: os.TempDir()},
	}
	r.own = p.kit.Ledger.Scope(p.run, ledgerKind, r.ownWhere)
	r.log = newLogger(p.kit.Sink, p.run, j.Name, filepath.Join(p.kit.Logs, id+".log"), p.tmpl.Secrets())
	r.snap, _ = j.builder.(machine.Snapshotter)
	host, _ := os.Hostname()
	r.report = Report{Run: p.run, Build: j.Name, Name: j.image, Outcome: Failed, Started: r.started, Tool: p.kit.Tool, Host: host,
		Template: p.tmpl.Path, Digest: p.tmpl.Digest, Labels: j.Labels, Log: r.log.path}
	return r
}

// fileName makes a build name fit to be part of a file name.
func fileName(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '.' || c == '-' || c == '_', c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			return c
		}
		return '_'
	}, name)
}

// env is what the builder gets to work with.
func (r *runner) env() machine.Env {
	return machine.Env{Res: r.res, Out: r.log, Run: r.run, Build: r.Name, Force: r.opts.Force, Debug: r.opts.Debug, Now: r.started}
}

// finish ends the build: scopes are closed (unless the machine is kept), the
// report is written, the last event is sent.
func (r *runner) finish(err error) Report {
	if !r.kept {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupLimit)
		err = joinCleanup(err, r.res.Close(ctx), r.own.Close(ctx))
		cancel()
	}
	r.report.Took = time.Since(r.started)
	switch {
	case errors.Is(err, ErrRefused):
		r.report.Outcome = Refused
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		r.report.Outcome = Cancelled
	case err != nil:
		r.report.Outcome = Failed
	}
	done := Event{Type: BuildDone, Took: r.report.Took, Refused: errors.Is(err, ErrRefused)}
	if err != nil {
		r.report.Error = r.log.mask.Replace(err.Error())
		done.Error = err.Error()
	}
	began := r.log.file != nil
	if began {
		r.log.emit(done)
		if e := r.log.end(); e != nil {
			err = errors.Join(err, e)
		}
		if e := r.writeReport(); e != nil {
			err = errors.Join(err, e)
		}
	} else {
		r.report.Log = ""
		r.log.emit(done)
	}
	r.job.err = err
	return r.report
}

// joinCleanup adds what clean-up could not do to the build's own error, and says
// how to finish it.
func joinCleanup(err error, clean ...error) error {
	if c := errors.Join(clean...); c != nil {
		return errors.Join(err, fmt.Errorf("clean up (proofmark gc finishes it): %w", c))
	}
	return err
}

// cancelled explains why a build ended early.
func (r *runner) cancelled(cause, err error) error {
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (while: %v)", cause, err)
}

// keepMachine leaves the failed machine for a while and says how to get into it.
func (r *runner) keepMachine(m machine.Machine, d time.Duration) {
	until := time.Now().Add(d)
	if err := errors.Join(r.res.KeepUntil(until), r.own.KeepUntil(until)); err != nil {
		r.log.Warn("cannot keep the machine: %v", err)
		return
	}
	r.kept = true
	r.log.Say("The machine stays until %s; proofmark gc removes it after that", until.Format("15:04:05"))
	if e, ok := m.(machine.Entering); ok {
		r.log.Message("to look inside: %s", e.EnterCommand())
	}
}

// failed decides what happens to the machine of a step that failed.
func (r *runner) failed(ctx context.Context, m machine.Machine, where string, cause error) {
	if m == nil {
		return
	}
	if r.opts.OnError == Shell && r.opts.Interact != nil && ctx.Err() == nil {
		r.log.Say("%s failed: %v", where, cause)
		if c, err := m.Connect(ctx); err == nil {
			if err := r.opts.Interact(ctx, c, where); err != nil {
				r.log.Warn("shell: %v", err)
			}
		} else {
			r.log.Warn("no shell: %v", err)
		}
	}
	switch {
	case r.opts.Keep > 0:
		r.keepMachine(m, r.opts.Keep)
	case r.opts.OnError == Abort:
		r.keepMachine(m, AbortKeep)
	default:
		r.closeMachine(ctx, m)
	}
}

// closeMachine destroys a machine, also when ctx is done. What it cannot destroy
// stays in the ledger, and the scope tries again when the build ends.
func (r *runner) closeMachine(ctx context.Context, m machine.Machine) {
	if m == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	if err := m.Close(ctx); err != nil {
		r.log.Warn("close machine: %v", err)
	}
}

// parentRef looks up the version that the image starts from.
func (r *runner) parentRef(ctx context.Context) (*catalog.Ref, error) {
	if r.parent == "" {
		return nil, nil
	}
	v, err := r.kit.Catalog.Get(ctx, r.parent)
	if err != nil {
		return nil, fmt.Errorf("find parent image %s: %w", r.parent, err)
	}
	return &catalog.Ref{Name: v.Name, Version: v.Version, Digest: v.Image.Digest}, nil
}
