package provision

import (
	"context"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Sleep waits.
func Sleep() template.Kind[Provisioner] {
	return template.Define("sleep", "wait for a while", func(c sleepConfig) (Provisioner, error) { return c, nil })
}

type sleepConfig struct {
	Duration time.Duration `opt:"duration" doc:"How long."`
}

// Fingerprint adds nothing: the machine that a later step starts from has waited.
func (c sleepConfig) Fingerprint(context.Context, *cache.Hash) error { return nil }

func (c sleepConfig) Provision(ctx context.Context, run Run, _ machine.Communicator) error {
	run.Out.Say("Waiting %s ...", c.Duration)
	return sleep(ctx, c.Duration)
}
