package ruby

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Place is one effect of an evaluation: what asks, and for the how manieth time. The same
// place in a later evaluation of the same text, with the same answers before it, is the
// same effect.
type Place struct {
	Pos        syntax.Pos
	Kind       string // the World's method
	Occurrence int    // from 0, for each Pos and Kind
}

func (p Place) String() string { return fmt.Sprintf("%s %s #%d", p.Pos, p.Kind, p.Occurrence) }

// World is all that a spec can see or do outside of its own values.
//
// Each method may return ErrOpen. An error that is fs.ErrNotExist, fs.ErrPermission or a
// syscall.Errno becomes the Ruby exception that goes with it, a *Raise stays one, and any
// other ends the evaluation.
type World interface {
	// Env is an environment variable.
	Env(at Place, name string) (value string, ok bool, err error)
	// Environ is the whole environment, as NAME=value, sorted.
	Environ(at Place) ([]string, error)
	// Getwd is the working directory.
	Getwd(at Place) (string, error)
	// ReadFile reads a file whole. Names are as the spec gives them: relative ones are
	// relative to Getwd.
	ReadFile(at Place, name string) ([]byte, error)
	// Stat and Lstat describe a file.
	Stat(at Place, name string) (fs.FileInfo, error)
	Lstat(at Place, name string) (fs.FileInfo, error)
	// Readlink is the target of a symbolic link.
	Readlink(at Place, name string) (string, error)
	// ReadDir is the names in a directory, sorted, without . and ..
	ReadDir(at Place, name string) ([]string, error)
	// Access tells whether the process may use a file: mode of 4 (read), 2 and 1.
	Access(at Place, name string, mode uint32) (bool, error)
	// Run runs a command and waits for it. That it failed is no error.
	Run(ctx context.Context, at Place, c Command) (Output, error)
	// Now is the clock, with the time zone.
	Now(at Place) (time.Time, error)
	// Sleep waits, or acts as if.
	Sleep(ctx context.Context, at Place, d time.Duration) error
	// Random is that many random bytes.
	Random(at Place, n int) ([]byte, error)
	// Print takes what a spec prints: stream 1 is $stdout, 2 is $stderr.
	Print(at Place, stream int, text string) error
	// Require finds what require or load names. from is the directory of the file that
	// says require_relative, and empty otherwise. No file and no error is a library that is
	// there without being read; fs.ErrNotExist becomes LoadError. The Interp runs each
	// Name of a file once.
	Require(ctx context.Context, at Place, name, from string) (*syntax.File, error)
}

// Command is what backticks, system, IO.popen and Open3 run. With Argv there is no shell;
// otherwise Line goes to sh -c.
type Command struct {
	Line  string
	Argv  []string
	Env   []string // NAME=value, added to the environment
	Unset []string // names taken out of the environment before Env is added
	Dir   string   // empty: the working directory
	Stdin []byte
	// Merge sends standard error to standard output.
	Merge bool
	// Inherit is for system: what it prints belongs to the spec's own output.
	Inherit bool
}

// Output is what a command gave.
type Output struct {
	Stdout, Stderr []byte
	Exit           int
	Signal         int // that ended it, or 0
	// Missing says that there was no such program, when no shell was there to say so.
	Missing bool
}

// Place counts an effect at the place of the call that is running. A method written in Go
// that asks something outside uses it for its question.
func (in *Interp) Place(kind string) Place {
	p := Place{Pos: in.pos, Kind: kind}
	p.Occurrence = in.occurrences[p]
	in.occurrences[Place{Pos: p.Pos, Kind: kind}] = p.Occurrence + 1
	return p
}
