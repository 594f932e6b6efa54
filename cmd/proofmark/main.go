// Command proofmark builds machine images from templates and proves each one with
// tests before it may exist.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
)

// Exit statuses. They are Packer's, but for exitRefused.
const (
	exitDone    = 0
	exitFailed  = 1
	exitRefused = 3 // checks refused

	exitUnformatted = 3   // fmt -check: a file is not in the canonical form
	exitNoCommand   = 127 // there is no such command
)

func main() { os.Exit(run(os.Args[1:])) }

// run is main without the exit.
func run(args []string) int {
	root, out := newRoot(), &stdout{}
	root.SetOut(out)
	args = normalize(root, args)
	root.SetArgs(args)
	ctx, stop := interruptible(leavesThings(root, args))
	defer stop()
	cmd, err := root.ExecuteContextC(ctx)
	var said *saidError
	if err != nil && !errors.As(err, &said) && !out.caused(err) {
		screenOf(cmd).fail(err)
	}
	closeLines(root)
	err = out.failed(err)
	var own *statusError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &own):
		return own.status
	case errors.Is(err, build.ErrRefused):
		return exitRefused
	}
	return exitFailed
}

// statusError ends the program with a status of its own.
type statusError struct {
	error
	status int
}

func (e *statusError) Unwrap() error { return e.error }

// saidError is an error that the user has read already.
type saidError struct{ error }

func (e *saidError) Unwrap() error { return e.error }

// cleansUp marks, as an annotation, commands that have something to clean up before they
// end.
const cleansUp = "cleans-up"

// leavesThings tells whether the command that the arguments name does, when it is ended at
// once.
func leavesThings(root *cobra.Command, args []string) bool {
	cmd, _, err := root.Find(args)
	return err == nil && cmd.Annotations[cleansUp] != ""
}

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP ends in
// good order. A second one ends the process at once: what it leaves, if it may, is in the
// ledger, and proofmark gc removes it.
func interruptible(leaves bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		s := <-signals
		fmt.Fprintf(os.Stderr, "\nCancelling after receiving %s; once more ends at once.\n", s)
		cancel(fmt.Errorf("cancelled by %s: %w", s, context.Canceled))
		<-signals
		if leaves {
			fmt.Fprintln(os.Stderr, "Ended before the clean-up was done: proofmark gc finishes it.")
		}
		os.Exit(exitFailed)
	}()
	return ctx, func() { signal.Stop(signals); cancel(context.Canceled) }
}
