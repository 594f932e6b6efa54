package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Throwaway says whose machine it is that Kit.Throwaway makes.
type Throwaway struct {
	Kind  string       // of builder, whose classes the machine's resources are of
	Where ledger.Where // they lie
	Name  string       // of the machine, for people
}

// Throwaway gives f a machine that start makes, and closes it after. All that was made is
// gone when Throwaway returns, but for what f made through the Files of the Env, which stays
// when f succeeds; what a process that dies leaves is in the ledger.
func (k Kit) Throwaway(ctx context.Context, t Throwaway, out machine.Log, start func(context.Context, machine.Env) (machine.Machine, error),
	f func(ctx context.Context, m machine.Machine, env machine.Env) error) (err error) {
	now := time.Now()
	run := newRunID(now)
	res, own := k.Ledger.Scope(run, t.Kind, t.Where), k.Ledger.Scope(run, ledgerKind, hostWhere())
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
		defer cancel()
		if e := errors.Join(res.Close(ctx), own.Close(ctx)); e != nil {
			err = errors.Join(err, fmt.Errorf("clean up (proofmark gc finishes it): %w", e))
		}
	}()
	files := &output.Files{Scope: own, Build: run, Owned: k.ownsOutput}
	env := machine.Env{Res: res, Out: out, Run: run, Build: t.Name, Files: files, Now: now}
	m, err := start(ctx, env)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
		defer cancel()
		if e := m.Close(ctx); e != nil {
			out.Warn("close machine: %v", e)
		}
	}()
	if err := f(ctx, m, env); err != nil {
		return err
	}
	return files.Keep(context.WithoutCancel(ctx))
}

// Boot gives f a throw-away machine that was started from an image alone, the way gate
// 2 does, with what a session needs to know of it: all but the options that are the
// caller's.
func (k Kit) Boot(ctx context.Context, b machine.Booter, img image.Image, out machine.Log,
	f func(ctx context.Context, c machine.Communicator, o verify.Options) error) (err error) {
	t := Throwaway{Kind: img.Builder, Where: ledger.Where{}, Name: img.Name}
	if l, ok := b.(machine.Located); ok {
		t.Where = l.Where()
	}
	start := func(ctx context.Context, env machine.Env) (machine.Machine, error) { return b.Boot(ctx, img, env) }
	return k.Throwaway(ctx, t, out, start, func(ctx context.Context, m machine.Machine, _ machine.Env) (err error) {
		o := verify.Options{Probe: k.Probe, Booted: true}
		if g, ok := m.(machine.Gater); ok {
			if o.Booted, err = g.BootForGate(ctx); err != nil {
				return err
			}
		}
		c, err := m.Connect(ctx)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		if s, ok := m.(machine.Surrounded); ok {
			o.Around = s.Surroundings()
		}
		return f(ctx, c, o)
	})
}
