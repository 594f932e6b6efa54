package build

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
)

// act starts the base, or runs a provisioner.
func (r *runner) act(ctx context.Context, s *state, i int) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	if i == 0 {
		return r.reach(ctx, s)
	}
	return r.runStep(ctx, s.m, r.Provisioners[i-1])
}

// reach connects to the base where its layer holds it running. What prevents that is dealt
// with as in any step.
func (r *runner) reach(ctx context.Context, s *state) error {
	if r.continuous() == nil {
		return nil
	}
	if _, err := s.m.Connect(ctx); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// runStep runs a provisioner with the values that are known only now.
func (r *runner) runStep(ctx context.Context, m machine.Machine, step template.Step) error {
	c, err := m.Connect(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	vars := r.lateVars(m)
	run := provision.Run{Out: r.log, BuildName: r.Label, BuildType: r.Source.Type, ID: r.uuid(),
		HTTPAddr: vars["PackerHTTPAddr"], Vars: vars}
	p, err := r.kit.Provisioners.Open(step.Block, run.Vars)
	if err != nil {
		return err
	}
	act := func() error {
		return r.onHost(ctx, func(tag string) error {
			run.Tag = tag
			return provision.RunStep(ctx, step, p, run, c)
		})
	}
	if pauses(p) {
		return act() // what a person does meanwhile is theirs
	}
	return r.files.Changing(act)
}

// errorCleanup runs the error-cleanup-provisioner, also after a cancel: then in
// limited time.
func (r *runner) errorCleanup(ctx context.Context, s *state) {
	if r.ErrorCleanup == nil || s.m == nil {
		return
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
		defer cancel()
	}
	r.log.Say("Running the error-cleanup provisioner")
	if err := r.runStep(ctx, s.m, *r.ErrorCleanup); err != nil {
		r.log.Warn("error-cleanup provisioner: %v", err)
	}
}
