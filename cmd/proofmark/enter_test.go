package main

import (
	"context"
	"errors"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestEnterKeyWaitsForTheTerminal: a breakpoint does not take the keys of who answers a
// question, or works in a shell.
func TestEnterKeyWaitsForTheTerminal(t *testing.T) {
	t.Parallel()
	terminal := build.NewTerminal()
	release, err := terminal.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	if err := (enterKey{terminal}).wait(ctx); !errors.Is(err, enough) {
		t.Errorf("with a shell on it: %v", err)
	}
	release()
	if again, err := terminal.Take(t.Context()); err != nil {
		t.Error(err)
	} else {
		again()
	}
}
