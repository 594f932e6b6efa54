package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// stdout is standard output. It remembers the first failed write, so that no command
// has to look after each line: what nobody could read was not done. It is safe for
// concurrent use.
type stdout struct {
	mu  sync.Mutex
	err error
}

func (s *stdout) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err
		}
	}
	return n, err
}

// caused tells whether an error is that of the first failed write.
func (s *stdout) caused(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil && errors.Is(err, s.err)
}

// failed is the error of a command that ended with err: what it could not write counts
// too. That is told here, on standard error, where the command may be told to write
// everything on standard output. A reader that went away, as head does, wants no
// message.
func (s *stdout) failed(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return err
	}
	if !errors.Is(s.err, syscall.EPIPE) {
		fmt.Fprintf(os.Stderr, "Error: write standard output: %v\n", s.err)
	}
	if err == nil || errors.Is(err, s.err) {
		err = s.err
	}
	return &saidError{err}
}

// outliveReader keeps this process from ending when the reader of its output does:
// what it makes is worth more than being read.
func outliveReader() (stop func()) {
	broken := make(chan os.Signal, 1) // caught and not ignored: children would inherit that
	signal.Notify(broken, syscall.SIGPIPE)
	return func() { signal.Stop(broken) }
}

// programOut makes lines for programs of all that is written to it.
type programOut struct {
	io.WriteCloser
	screen screen
}
