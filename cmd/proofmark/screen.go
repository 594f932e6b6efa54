package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/term"
)

// machineReadable is the flag that every command takes.
const machineReadable = "machine-readable"

// screen is where a command says things: text for people, or with -machine-readable
// lines for programs, all of them on standard output.
type screen struct {
	out, err io.Writer
	machine  *term.Machine // nil for people
}

func screenOf(cmd *cobra.Command) screen {
	if p, ok := cmd.OutOrStdout().(programOut); ok {
		return p.screen
	}
	if on, err := cmd.Flags().GetBool(machineReadable); err == nil && on {
		return screen{machine: term.NewMachine(cmd.OutOrStdout())}
	}
	return screen{out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()}
}

// say says a text, which is one line for programs.
func (s screen) say(text string) {
	if s.machine != nil {
		s.machine.Say(text)
		return
	}
	io.WriteString(s.out, text+"\n")
}

// message says a result.
func (s screen) message(text string) {
	if s.machine != nil {
		s.machine.Message(text)
		return
	}
	io.WriteString(s.out, text+"\n")
}

// note says what people who wait want to know, beside the output.
func (s screen) note(text string) {
	if s.machine != nil {
		s.machine.Say(text)
		return
	}
	io.WriteString(s.err, text+"\n")
}

// warn says what people should look at, beside the output.
func (s screen) warn(text string) {
	if s.machine != nil {
		s.machine.Say("Warning: " + text)
		return
	}
	io.WriteString(s.err, "Warning: "+text+"\n")
}

// fail says what went wrong.
func (s screen) fail(err error) {
	text := "Error: " + strings.TrimRight(err.Error(), "\n")
	if s.machine != nil {
		s.machine.Error(text)
		return
	}
	io.WriteString(s.err, text+"\n")
}

// data says something to programs alone.
func (s screen) data(typ string, data ...string) {
	if s.machine != nil {
		s.machine.Write("", typ, data...)
	}
}

// speakToPrograms makes lines for programs of all that a command writes, if it was
// asked for.
func speakToPrograms(cmd *cobra.Command) {
	if s := screenOf(cmd); s.machine != nil {
		cmd.Root().SetOut(programOut{s.machine.Lines(false), s})
		cmd.Root().SetErr(s.machine.Lines(true))
	}
}

// closeLines writes what is left of an unfinished line.
func closeLines(root *cobra.Command) {
	for _, w := range []io.Writer{root.OutOrStdout(), root.ErrOrStderr()} {
		if c, ok := w.(io.Closer); ok && w != os.Stderr {
			c.Close()
		}
	}
}
