package ssh

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// stream takes what a session prints on one of its two outputs. Between the marks that
// the machine's side puts around a command's output it hands that on; before, there
// is only what login shells say. What was printed before the command's end is told
// from what its children print afterwards by the last mark alone: no time has to pass.
//
//	noise MARK-ready-WORD. output MARK-end. more
type stream struct {
	mark  []byte // what all marks begin with, "-" included
	to    io.Writer
	event func(name string) // of each mark but the last, in the copying goroutine
	moved func()            // after each piece that came

	mu    sync.Mutex // held while output is handed on
	state streamState
	held  []byte // may be the beginning of a mark
	noise machine.Tail
	err   error         // of to
	ended chan struct{} // closed after the last mark, or at the end of the stream
}

type streamState int

const (
	streamNoise streamState = iota
	streamOpen
	streamEnded
)

// longestMark bounds what follows the common beginning.
const longestMark = 80

func newStream(mark string, to io.Writer, event func(string), moved func()) *stream {
	return &stream{mark: []byte(mark + "-"), to: to, event: event, moved: moved, ended: make(chan struct{})}
}

// copy reads until the end of r. A writer that fails does not stop it: a command must
// not block on output that nobody takes.
func (s *stream) copy(r io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			s.moved()
			s.take(buf[:n])
		}
		if err != nil {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != streamEnded {
		s.hand(s.held)
		s.finish()
	}
}

func (s *stream) take(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) > 0 {
		p = append(s.held, p...)
		s.held = nil
	}
	for s.state != streamEnded {
		i := bytes.Index(p, s.mark)
		if i < 0 {
			keep := partial(p, s.mark)
			s.hand(p[:len(p)-keep])
			s.held = bytes.Clone(p[len(p)-keep:])
			return
		}
		s.hand(p[:i])
		rest := p[i+len(s.mark):]
		end := bytes.IndexByte(rest, '.')
		switch {
		case end < 0 && len(rest) < longestMark:
			s.held = bytes.Clone(p[i:])
			return
		case end < 0 || end > longestMark: // the command prints what looks like one
			s.hand(s.mark)
			p = rest
			continue
		}
		p = rest[end+1:]
		s.found(string(rest[:end]))
	}
}

func (s *stream) found(name string) {
	switch {
	case name == "end":
		s.finish()
		return
	case len(name) >= 5 && name[:5] == "ready":
		s.state = streamOpen
	}
	s.event(name)
}

func (s *stream) hand(p []byte) {
	switch {
	case len(p) == 0:
	case s.state == streamNoise:
		_, _ = s.noise.Write(p)
	case s.err == nil:
		_, s.err = s.to.Write(p)
	}
}

// finish must be called once, with mu held.
func (s *stream) finish() {
	s.state = streamEnded
	s.held = nil
	close(s.ended)
}

// stop lets nothing through any more, and returns why output could not be handed on.
func (s *stream) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != streamEnded {
		s.hand(s.held)
		s.finish()
	}
	return s.err
}

// said is what came before the command began.
func (s *stream) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.noise.String()
}

// partial returns how much of p's end may be the beginning of mark.
func partial(p, mark []byte) int {
	for n := min(len(p), len(mark)-1); n > 0; n-- {
		if bytes.HasSuffix(p, mark[:n]) {
			return n
		}
	}
	return 0
}

// idle closes its channel when nothing moved for a while.
type idle struct {
	limit time.Duration
	timer *time.Timer
	out   chan struct{}
}

// newIdle with a limit of 0 never fires.
func newIdle(limit time.Duration) *idle {
	i := &idle{limit: limit, out: make(chan struct{})}
	if limit > 0 {
		i.timer = time.AfterFunc(limit, func() { close(i.out) })
	}
	return i
}

// moved may come from several goroutines. A timer that has fired is left alone.
func (i *idle) moved() {
	if i.timer != nil && i.timer.Stop() {
		i.timer.Reset(i.limit)
	}
}

func (i *idle) stop() {
	if i.timer != nil {
		i.timer.Stop()
	}
}
