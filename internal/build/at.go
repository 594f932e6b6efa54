package build

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// At gives f a throw-away machine as it was after a step of the plan's only build:
// the number of a step (0 is the base), its type, its name, or "" for the last.
// Steps without a layer run first. Nothing that f does stays. A plan that cannot be
// executed gives none: the error is that of Cannot.
func (p *Plan) At(ctx context.Context, step string, f func(ctx context.Context, c machine.Communicator, where string) error) (err error) {
	if err := p.cannot.Err(); err != nil {
		return err
	}
	if len(p.builds) != 1 {
		return fmt.Errorf("choose one build with -only: %s", strings.Join(p.Builds(), ", "))
	}
	r := newRunner(p, p.builds[0])
	defer func() { err = errors.Join(err, r.cleanUp(ctx)) }()
	if err := r.keys(ctx); err != nil {
		return err
	}
	i, err := r.find(step)
	if err != nil {
		return err
	}
	r.chain = r.chain[:i+1]
	s, err := r.provision(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	c, err := s.m.Connect(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return f(ctx, c, fmt.Sprintf("%s after step %d, %s", r.Name, i, r.chain[i].name))
}

// find returns the chain index of a step.
func (r *runner) find(step string) (int, error) {
	if step == "" {
		return len(r.chain) - 1, nil
	}
	if n, err := strconv.Atoi(step); err == nil {
		if n < 0 || n >= len(r.chain) {
			return 0, fmt.Errorf("find step %d: %s has the steps 0 to %d", n, r.Name, len(r.chain)-1)
		}
		return n, nil
	}
	var known []string
	for i := len(r.chain) - 1; i >= 0; i-- {
		kind, name, _ := strings.Cut(r.chain[i].name, " ")
		if step == kind || step == name || step == r.chain[i].name {
			return i, nil
		}
		known = append([]string{fmt.Sprintf("%d %s", i, r.chain[i].name)}, known...)
	}
	return 0, fmt.Errorf("find step %q: %s has %s", step, r.Name, strings.Join(known, ", "))
}
