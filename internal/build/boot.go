package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Boot gives f a throw-away machine that was started from an image alone, the way gate
// 2 does, with what a session needs to know of it: all but the options that are the
// caller's. Nothing that f does stays, and all that was made is gone when Boot returns;
// what a process that dies leaves is in the ledger.
func (k Kit) Boot(ctx context.Context, b machine.Booter, img image.Image, out machine.Log,
	f func(ctx context.Context, c machine.Communicator, o verify.Options) error) (err error) {
	where := ledger.Where{}
	if l, ok := b.(machine.Located); ok {
		where = l.Where()
	}
	now := time.Now()
	run := newRunID(now)
	res := k.Ledger.Scope(run, img.Builder, where)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
		defer cancel()
		if e := res.Close(ctx); e != nil {
			err = errors.Join(err, fmt.Errorf("clean up (proofmark gc finishes it): %w", e))
		}
	}()
	m, err := b.Boot(ctx, img, machine.Env{Res: res, Out: out, Run: run, Build: img.Name, Now: now})
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
}
