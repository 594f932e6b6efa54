package main

import (
	"bufio"
	"context"
	"errors"
	"os"

	"github.com/proofmark-build/proofmark/internal/build"
)

// enterKey waits until a person presses Enter. It is safe for concurrent use: each
// caller has a key press of its own.
type enterKey struct{ terminal build.Terminal }

// wait fails when there is no terminal, and with ctx's cause when that ends first.
func (k enterKey) wait(ctx context.Context) error {
	release, err := k.terminal.Take(ctx)
	if err != nil {
		return err
	}
	defer release()
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return errors.New("there is no terminal to ask at: set disable = true where nobody looks on")
	}
	defer tty.Close()
	line := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(tty).ReadString('\n')
		line <- err
	}()
	select {
	case err := <-line:
		return err
	case <-ctx.Done():
		// Close ends the read: the terminal is opened in a mode that can be waited for.
		return context.Cause(ctx)
	}
}
