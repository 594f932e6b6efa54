package build

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// gate1 asks all checks in a throw-away copy of the last layer, or in the machine
// itself where the builder cannot snapshot.
func (r *runner) gate1(ctx context.Context, s *state) error {
	r.log.emit(Event{Type: GateStarted, Gate: 1})
	done := r.timed("gate", "gate 1")
	err := r.inCopy(ctx, s, func(m machine.Machine) error {
		_, err := r.ask(ctx, 1, m, nil, false)
		return err
	}, func(m machine.Machine, err error) { r.failed(ctx, m, "gate 1", err) })
	done(err)
	return err
}

// inCopy calls f with a machine that may be spoilt. The machine is closed after f,
// or given to failed, which ends it.
func (r *runner) inCopy(ctx context.Context, s *state, f func(machine.Machine) error, failed func(machine.Machine, error)) error {
	if r.snap == nil || s.ref == "" {
		if err := r.ready(ctx, s); err != nil {
			return err
		}
		err := f(s.m)
		if err != nil && failed != nil {
			failed(s.m, err)
			s.m = nil
		}
		return err
	}
	m, err := r.snap.Restore(ctx, s.ref, r.env())
	if err != nil {
		return fmt.Errorf("copy the machine: %w", err)
	}
	if err = f(m); err != nil && failed != nil {
		failed(m, err)
		return err
	}
	r.closeMachine(ctx, m)
	return err
}

// gate2 starts the captured bytes fresh, asks whether they are sealed, and asks all
// checks again.
func (r *runner) gate2(ctx context.Context, img image.Image) (content catalog.Content, err error) {
	booter, ok := r.builder.(machine.Booter)
	if !ok {
		r.log.Warn("this builder cannot start what it captured: the image stays unproven")
		return content, nil
	}
	r.log.emit(Event{Type: GateStarted, Gate: 2})
	done := r.timed("gate", "gate 2")
	defer func() { done(err) }()
	m, err := booter.Boot(ctx, img, r.env())
	if err != nil {
		return content, r.damaged(ctx, err)
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
			return content, fmt.Errorf("look for residue: %w", err)
		}
		sealed = verify.Sealed(r.sealRules(), found)
	}
	return r.ask(ctx, 2, m, sealed, true)
}

// damaged turns an image that cannot be started into a refusal: nothing is known
// of it. A cancelled build stays cancelled.
func (r *runner) damaged(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	r.gateResults(2, []verify.Result{{Source: "sanity", Subject: "Image", Description: "starts", Verdict: verify.Fail,
		Wanted: "a machine started from the captured bytes", Found: err.Error()}})
	return fmt.Errorf("gate 2: %w: the captured image does not start: %w", ErrRefused, err)
}

// ask runs the sanity set and the image's own checks in a machine.
func (r *runner) ask(ctx context.Context, gate int, m machine.Machine, before []verify.Result, inventory bool) (content catalog.Content, err error) {
	booted := true
	if g, ok := m.(machine.Gater); ok {
		if booted, err = g.BootForGate(ctx); err != nil {
			if gate == 2 {
				return content, r.damaged(ctx, err)
			}
			return content, fmt.Errorf("gate %d: start the machine: %w", gate, err)
		}
	}
	c, err := m.Connect(ctx)
	if err != nil {
		return content, fmt.Errorf("gate %d: connect: %w", gate, err)
	}
	session := verify.NewSession(c, verify.Options{Probe: r.kit.Probe})
	specs := append([]verify.Spec{verify.Sanity(booted)}, r.specs...)
	results, err := session.Run(ctx, specs)
	if err != nil {
		return content, fmt.Errorf("gate %d: %w", gate, err)
	}
	results = append(before, results...)
	refused := r.gateResults(gate, results)
	if inventory && refused == nil {
		inv, err := session.Inventory(ctx)
		if err != nil {
			return content, fmt.Errorf("gate %d: take inventory: %w", gate, err)
		}
		content = contentOf(inv)
		r.report.Content = content
	}
	return content, refused
}

// gateResults tells and records the outcome of a gate, and refuses when a check
// does not hold or could not be answered.
func (r *runner) gateResults(gate int, results []verify.Result) error {
	var pass, fail, unknown, skipped int
	for _, res := range results {
		switch res.Verdict {
		case verify.Pass:
			pass++
		case verify.Fail:
			fail++
		case verify.Skipped:
			skipped++
		default:
			unknown++
		}
		res = r.log.maskResult(res)
		r.log.emit(Event{Type: CheckDone, Gate: gate, Check: &res})
		r.report.Checks = append(r.report.Checks, catalog.Check{Gate: gate, Source: res.Source, Subject: res.Subject,
			Description: res.Description, Pos: res.Pos.String(), Verdict: string(res.Verdict), Wanted: res.Wanted,
			Found: res.Found, Reason: res.Reason, Command: res.Command})
	}
	r.log.emit(Event{Type: GateFinished, Gate: gate, Passed: pass, Failed: fail, Unknown: unknown, Skipped: skipped})
	switch {
	case fail > 0 && unknown > 0:
		return fmt.Errorf("gate %d: %w: %d failed, %d could not be checked", gate, ErrRefused, fail, unknown)
	case fail > 0:
		return fmt.Errorf("gate %d: %w: %d of %d failed", gate, ErrRefused, fail, len(results))
	case unknown > 0:
		return fmt.Errorf("gate %d: %w: %d of %d could not be checked", gate, ErrRefused, unknown, len(results))
	}
	return nil
}

// status of an image whose gates held: proven when at least one check of its own
// held in the captured image.
func (r *runner) status() catalog.Status {
	for _, c := range r.report.Checks {
		if c.Gate == 2 && c.Verdict == string(verify.Pass) && c.Source != "sanity" && c.Source != "seal" {
			return catalog.Proven
		}
	}
	return catalog.Unproven
}

func contentOf(inv verify.Inventory) catalog.Content {
	c := catalog.Content{OS: inv.OS, Arch: inv.Arch, Etc: inv.Etc, Services: inv.Services, Ports: inv.Ports, Users: inv.Users}
	for _, p := range inv.Packages {
		c.Packages = append(c.Packages, catalog.Package(p))
	}
	return c
}
