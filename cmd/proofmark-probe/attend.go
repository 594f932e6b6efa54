package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/ssh/inside"
)

// attends is what a line says once it is served.
const attends = "proofmark: attends\n"

// attend serves commands to whoever is at the other end of standard input and output.
func attend(unlink bool) error {
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(24 << 20)
	if unlink {
		_ = os.Remove(os.Args[0]) // it goes with the machine, at the latest
	}
	if _, err := io.WriteString(os.Stdout, attends); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	return inside.Serve(context.Background(), line{os.Stdin, os.Stdout})
}

// line is a connection of two files. Closing it ends no Read that is under way.
type line struct{ in, out *os.File }

func (l line) Read(p []byte) (int, error)     { return l.in.Read(p) }
func (l line) Write(p []byte) (int, error)    { return l.out.Write(p) }
func (l line) Close() error                   { return errors.Join(l.in.Close(), l.out.Close()) }
func (line) LocalAddr() net.Addr              { return lineAddr{} }
func (line) RemoteAddr() net.Addr             { return lineAddr{} }
func (line) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (line) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (line) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

type lineAddr struct{}

func (lineAddr) Network() string { return "line" }
func (lineAddr) String() string  { return "line" }
