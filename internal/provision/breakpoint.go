package provision

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Breakpoint waits for a person. enter returns when one has pressed the key, and
// fails when there is nobody to ask or ctx ends; builds at the same time may call it
// at the same time.
func Breakpoint(enter func(ctx context.Context) error) template.Kind[Provisioner] {
	return template.Define("breakpoint", "pause the build until Enter is pressed", func(c breakpointConfig) (Provisioner, error) {
		return &breakpoint{c, enter}, nil
	})
}

type breakpointConfig struct {
	Disable bool   `opt:"disable" default:"false" doc:"Do not pause."`
	Note    string `opt:"note" doc:"Text to show at the pause."`
}

type breakpoint struct {
	breakpointConfig
	enter func(context.Context) error
}

// Describe is the note.
func (b *breakpoint) Describe() string { return b.Note }

// Pauses tells whether it is enabled.
func (b *breakpoint) Pauses() bool { return !b.Disable }

// Fingerprint: the pause itself changes nothing. What a person does at it is no input:
// see Pauser.
func (b *breakpoint) Fingerprint(context.Context, *cache.Hash) error { return cache.ErrOutside }

func (b *breakpoint) Provision(ctx context.Context, run Run, _ machine.Communicator) error {
	note := ""
	if b.Note != "" {
		note = fmt.Sprintf(" with note %q", b.Note)
	}
	if b.Disable {
		run.Out.Say("Breakpoint%s is disabled: going on", note)
		return nil
	}
	run.Out.Say("Pausing at breakpoint%s. Press enter to continue.", note)
	if err := b.enter(ctx); err != nil {
		return fmt.Errorf("wait at the breakpoint: %w", err)
	}
	return nil
}
