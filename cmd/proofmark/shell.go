package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	xterm "golang.org/x/term"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
)

func newShell() *cobra.Command {
	var tf templateFlags
	var of outputFlags
	var at, command string
	var age maxAge
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "shell [flags] TEMPLATE|DIR", Short: "Open a shell in a throw-away machine as it was after a step", Args: takes(1, 1, "which template"),
		Long: `Open a shell in a throw-away machine as it was after a step. Steps that have no
layer yet are run first. What is changed in the machine is gone afterwards.

--at takes the number of a step (0 is the base), its type or its name; the last
step that answers to it counts. Without --at it is the last step. With several
builds in the template, choose one with -only. What is said about the build goes to
standard error.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := tf.enter(args[0]); err != nil {
				return err
			}
			h, err := openHome()
			if err != nil {
				return err
			}
			kit, closeKit, err := h.openKit(settings{writes: true, maxAge: age, sink: of.sink(os.Stderr)})
			if err != nil {
				return err
			}
			defer closeKit()
			t, err := tf.load(cmd.Context(), args[0], kit)
			if err != nil {
				return err
			}
			plan, err := build.NewPlan(t, kit, build.Options{})
			if err != nil {
				return err
			}
			return plan.At(cmd.Context(), at, func(ctx context.Context, c machine.Communicator, where string) error {
				if command == "" {
					return interact(ctx, c, where)
				}
				exit, err := c.Run(ctx, machine.Command{Line: command, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
				if err == nil && exit != 0 {
					err = fmt.Errorf("the command ended with exit status %d", exit)
				}
				return err
			})
		},
	}
	tf.register(cmd)
	of.register(cmd)
	age.register(cmd.Flags())
	cmd.Flags().StringVar(&at, "at", "", "step after which to look")
	cmd.Flags().StringVarP(&command, "command", "c", "", "run this command instead of a shell")
	return cmd
}

// interact runs a login shell in a machine on this terminal.
func interact(ctx context.Context, c machine.Communicator, where string) error {
	fmt.Fprintf(os.Stderr, "A shell in the machine (%s); exit ends it.\n", where)
	cmd := machine.Command{Line: "exec $(command -v bash || command -v sh)", Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Env: map[string]string{"TERM": os.Getenv("TERM")}}
	if fd := int(os.Stdin.Fd()); xterm.IsTerminal(fd) {
		cmd.PTY = true
		old, err := xterm.MakeRaw(fd)
		if err != nil {
			return fmt.Errorf("set up the terminal: %w", err)
		}
		defer func() { _ = xterm.Restore(fd, old) }()
	}
	_, err := c.Run(ctx, cmd)
	return err
}

// readLine returns a function that reads a line that a person types. A line that
// nobody waited for any more is the next one's.
func readLine(in io.Reader) func(context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	lines, r := make(chan line), bufio.NewReader(in)
	reading := false
	return func(ctx context.Context) (string, error) {
		if !reading {
			reading = true
			go func() {
				text, err := r.ReadString('\n')
				lines <- line{text, err}
			}()
		}
		select {
		case l := <-lines:
			reading = false
			return l.text, l.err
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}
