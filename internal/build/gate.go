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
// itself where the builder cannot snapshot.
func (r *runner) gate1(ctx context.Context, s *state) (err error) {
	r.log.emit(Event{Type: GateStarted, Gate: 1})
	done := r.timed(kindGate, "gate 1")
	defer func() { done(err) }()
	m, err := s.scratch(ctx)
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

// gate2 starts the captured bytes fresh, asks whether they are sealed, and asks all
// checks again.
func (r *runner) gate2(ctx context.Context, img image.Image) (err error) {
	booter, ok := r.builder.(machine.Booter)
	if !ok {
		r.log.Warn("this builder cannot start what it captured: the image stays unproven")
		return nil
	}
	r.log.emit(Event{Type: GateStarted, Gate: 2})
	done := r.timed(kindGate, "gate 2")
	defer func() { done(err) }()
	m, err := booter.Boot(ctx, img, r.env())
	if err != nil {
		return r.notStarted(ctx, 2, err)
	}
	defer func() {
		if err != nil {
			r.failed(ctx, m, "gate 2", err)
			return
		}
		r.closeMachine(ctx, m)
	}()
	var sealed []verify.Result
	if s, ok := m.(machine.Sealer); ok {
		found, err := s.Residue(ctx, r.sealRules())
		if err != nil {
			return fmt.Errorf("gate 2: look for residue: %w", err)
		}
		sealed = verify.Sealed(r.sealRules(), found)
	}
	return r.ask(ctx, 2, m, sealed)
}

// ask starts a machine the way the image will be, runs the sanity set and the
// image's own checks in it, and takes its inventory. Results that are known
// already come first.
func (r *runner) ask(ctx context.Context, gate int, m machine.Machine, known []verify.Result) (err error) {
	booted := true
	if g, ok := m.(machine.Gater); ok {
		if booted, err = g.BootForGate(ctx); err != nil {
			return r.notStarted(ctx, gate, err)
		}
	}
	c, err := m.Connect(ctx)
	if err != nil {
		return r.notStarted(ctx, gate, err)
	}
	o := verify.Options{Probe: r.kit.Probe, Booted: booted, Waiting: func(n int, limit time.Duration) {
		r.log.Message("checks that do not hold yet (%d) are asked again for up to %s", n, Took(limit))
	}}
	if s, ok := m.(machine.Surrounded); ok {
		o.Around = s.Surroundings()
	}
	session := verify.NewSession(c, o)
	own, err := r.lateSpecs(m)
	if err != nil {
		return fmt.Errorf("gate %d: %w", gate, err)
	}
	var census verify.Census
	specs := slices.Concat([]verify.Spec{verify.Sanity(booted, verify.SanityOf(own))}, own, []verify.Spec{&census})
	results, err := session.Run(ctx, specs)
	if err != nil {
		return fmt.Errorf("gate %d: %w", gate, err)
	}
	refused := r.gateResults(gate, append(known, results...))
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
