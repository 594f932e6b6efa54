package build

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// gate1 asks all checks in a throw-away copy of the last layer, or in the machine
// itself where the builder cannot snapshot, or a copy serves nothing.
func (r *runner) gate1(ctx context.Context, s *state) (err error) {
	r.log.emit(Event{Type: GateStarted, Gate: 1})
	done := r.timed(kindGate, "gate 1")
	defer func() { done(err) }()
	var m machine.Machine
	if r.inPlace() {
		if err = s.ready(ctx); err == nil {
			m = s.m
		}
	} else {
		m, err = s.scratch(ctx)
	}
	if err != nil {
		return fmt.Errorf("gate 1: %w", err)
	}
	if err = r.ask(ctx, 1, m, nil); err != nil {
		r.failed(ctx, m, "gate 1", err)
	}
	switch {
	case m != s.m && err == nil:
		r.closeMachine(ctx, m)
	case m == s.m && err != nil:
		s.m = nil
	}
	return err
}

// inPlace tells whether gate 1 needs no copy: the built-in checks change nothing, and a
// copy of a machine as it runs costs many times what they do.
func (r *runner) inPlace() bool { return len(r.specs) == 0 && r.continuous() != nil }

// gate2 starts the captured bytes fresh, asks whether they are sealed, and asks all
// checks again.
func (r *runner) gate2(ctx context.Context, img image.Image) (err error) {
	disk, twice := r.builder.(machine.DiskBooter)
	twice = twice && disk.ProvesBoot()
	booter, _ := r.builder.(machine.Booter)
	if !r.boots() {
		r.log.Warn("this builder cannot start what it captured: the image stays unproven")
		return nil
	}
	r.log.emit(Event{Type: GateStarted, Gate: 2})
	done := r.timed(kindGate, "gate 2")
	defer func() { done(err) }()
	if twice {
		return r.bootTwice(ctx, disk, img)
	}
	m, err := booter.Boot(ctx, img, r.env())
	if err != nil {
		return r.notStarted(ctx, 2, err)
	}
	defer func() { r.release(ctx, m, err) }()
	sealed, err := r.sealed(ctx, m)
	if err != nil {
		return err
	}
	return r.ask(ctx, 2, m, sealed)
}

// release ends the machine of gate 2; one that was refused may be looked at.
func (r *runner) release(ctx context.Context, m machine.Machine, err error) {
	if err != nil {
		r.failed(ctx, m, "gate 2", err)
		return
	}
	r.closeMachine(ctx, m)
}

// sealed looks for residue in a machine that has not been started yet.
func (r *runner) sealed(ctx context.Context, m machine.Machine) ([]verify.Result, error) {
	s, ok := m.(machine.Sealer)
	if !ok {
		return nil, nil
	}
	found, err := s.Residue(ctx, r.sealRules())
	if err != nil {
		return nil, fmt.Errorf("gate 2: look for residue: %w", err)
	}
	return verify.Sealed(r.sealRules(), found), nil
}

// ask starts a machine the way the image will be, runs the sanity set and the
// image's own checks in it, and takes its inventory. Results that are known
// already come first.
func (r *runner) ask(ctx context.Context, gate int, m machine.Machine, known []verify.Result) error {
	s, err := r.session(ctx, m)
	if err != nil {
		return r.notStarted(ctx, gate, err)
	}
	own, err := r.lateSpecs(m)
	if err != nil {
		return fmt.Errorf("gate %d: %w", gate, err)
	}
	var census verify.Census
	specs := slices.Concat([]verify.Spec{verify.Sanity(s.booted, verify.SanityOf(own))}, own, []verify.Spec{&census})
	results, err := s.Run(ctx, specs)
	if err != nil {
		return fmt.Errorf("gate %d: %w", gate, err)
	}
	return r.settle(gate, append(known, results...), census)
}

// session of a machine that has been started for a gate.
type session struct {
	*verify.Session
	booted bool // with an init system
}

// session starts a machine the way the image will be.
func (r *runner) session(ctx context.Context, m machine.Machine) (s session, err error) {
	s.booted = true
	if g, ok := m.(machine.Gater); ok {
		if s.booted, err = g.BootForGate(ctx); err != nil {
			return s, err
		}
	}
	c, err := m.Connect(ctx)
	if err != nil {
		return s, err
	}
	o := verify.Options{Probe: r.kit.Probe, Booted: s.booted, Waiting: func(n int, limit time.Duration) {
		r.log.Message("checks that do not hold yet (%d) are asked again for up to %s", n, Took(limit))
	}}
	if a, ok := m.(machine.Surrounded); ok {
		o.Around = a.Surroundings()
	}
	s.Session = verify.NewSession(c, o)
	return s, nil
}

// settle ends a gate: with its results, and what the machine holds.
func (r *runner) settle(gate int, results []verify.Result, census verify.Census) error {
	refused := r.gateResults(gate, results)
	switch {
	case census.Err == nil:
		r.report.Content = contentOf(census.Inventory)
	case refused != nil:
		r.log.Message("what the machine holds cannot be told: %v", census.Err)
	case gate == 2:
		return fmt.Errorf("gate %d: %w", gate, census.Err)
	}
	return refused
}

// lateSpecs are the image's own checks, those with values of build.* opened again
// for this machine. The others are asked as they were read.
func (r *runner) lateSpecs(m machine.Machine) ([]verify.Spec, error) {
	specs := slices.Clone(r.specs)
	for i, v := range r.Verifiers {
		if !v.IsLate() {
			continue
		}
		spec, err := r.kit.Verifiers.Open(v, r.lateVars(m))
		if err != nil {
			return nil, err
		}
		specs[i] = spec
	}
	return specs, nil
}

// errNoStart is the refusal of a machine of which nothing is known, because it
// could not be started and reached.
var errNoStart = fmt.Errorf("%w: it cannot be started", ErrRefused)

// notStarted turns a machine that cannot be asked into a refusal. A cancelled
// build stays cancelled, and a full disk says nothing of the image.
func (r *runner) notStarted(ctx context.Context, gate int, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("gate %d: %w", gate, err)
	}
	what, wanted := "Machine", "a machine that boots and can be reached"
	if gate == 2 {
		what, wanted = "Image", "a machine started from the captured bytes alone"
	}
	_ = r.gateResults(gate, []verify.Result{{Source: sanity, Subject: what, Description: "starts", Verdict: verify.Fail,
		Wanted: wanted, Found: err.Error()}})
	return fmt.Errorf("gate %d: %w: %w", gate, errNoStart, err)
}
