package rootfs

import "io"

// discard is a log that nobody reads.
type discard struct{}

func (discard) Say(string, ...any)                              {}
func (discard) Message(string, ...any)                          {}
func (discard) Warn(string, ...any)                             {}
func (discard) Output() io.WriteCloser                          { return nopCloser{io.Discard} }
func (discard) Progress(string, int64) func(n int64, done bool) { return func(int64, bool) {} }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
