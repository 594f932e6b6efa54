package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	xterm "golang.org/x/term"
)

// leaveKey ends a look at a serial console: Ctrl-].
const leaveKey = 0x1d

// sitAtConsole joins this process's terminal, or what stands in its place, to the serial
// console of a machine until that is off, the person leaves or ctx ends. left tells whether
// the person did. The terminal is given back as it was.
func sitAtConsole(ctx context.Context, s screen, name string, console io.ReadWriteCloser) (left bool, err error) {
	fd := int(os.Stdin.Fd())
	if !xterm.IsTerminal(fd) {
		s.note("The serial console of " + name + "; an interrupt ends it.")
		return joinConsole(ctx, console, os.Stdin, os.Stdout, nil)
	}
	size := ""
	if cols, rows, err := xterm.GetSize(fd); err == nil && cols > 0 { // a serial line tells nobody
		size = fmt.Sprintf(" For programs that fill the screen, type there: stty rows %d cols %d.", rows, cols)
	}
	s.note("The serial console of " + name + "; Ctrl-] ends it." + size)
	old, err := xterm.MakeRaw(fd)
	if err != nil {
		return false, fmt.Errorf("set up the terminal: %w", err)
	}
	left, err = joinConsole(ctx, console, os.Stdin, os.Stdout, []byte{leaveKey})
	_ = xterm.Restore(fd, old)
	s.note("")
	return left, err
}

// joinConsole copies both ways. What comes up to one of the bytes of leave is still typed.
// The end of what is typed does not end it. It closes the console; in may be read once more
// after it has returned.
func joinConsole(ctx context.Context, console io.ReadWriteCloser, in io.Reader, out io.Writer, leave []byte) (left bool, err error) {
	shown := make(chan error, 1)
	go func() {
		_, err := io.Copy(out, console)
		shown <- err
	}()
	typed := make(chan error, 1)
	go func() { typed <- typeInto(console, in, leave) }()
	defer console.Close()
	for {
		select {
		case err := <-shown: // also when the machine is off, and its last words are told
			return false, err
		case err := <-typed:
			typed = nil
			if errors.Is(err, errLeft) {
				return true, nil
			}
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}

// errLeft says that a person has typed the key to leave.
var errLeft = errors.New("left")

// typeInto copies what is typed until its end, or one of the bytes of leave.
func typeInto(w io.Writer, in io.Reader, leave []byte) error {
	text := make([]byte, 1024)
	for {
		n, err := in.Read(text)
		typed, ends := text[:n], false
		if i := bytes.IndexAny(typed, string(leave)); i >= 0 {
			typed, ends = typed[:i], true
		}
		if _, err := w.Write(typed); err != nil {
			return err
		}
		if ends {
			return errLeft
		}
		if err != nil {
			return err
		}
	}
}
