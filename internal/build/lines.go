package build

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// maxLine is the longest line of output, in bytes; more of it becomes another one.
const maxLine = 1 << 20

func (l *logger) Output() io.WriteCloser      { return l.lines(l.emit, false) }
func (l *logger) ErrorOutput() io.WriteCloser { return l.lines(l.emit, true) }

func (l *logger) lines(emit func(Event), stderr bool) *lines {
	return &lines{emit: emit, stderr: stderr, mask: l.mask, longest: l.longest}
}

// lines cuts a stream into Output events.
type lines struct {
	emit    func(Event)
	mask    *strings.Replacer
	stderr  bool
	longest int // bytes of the longest sensitive value on one line

	mu  sync.Mutex
	buf []byte
}

func (w *lines) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, p...)
	for {
		i := bytes.IndexByte(w.buf, '\n')
		if i < 0 {
			break
		}
		w.line(w.buf[:i])
		w.buf = w.buf[i+1:]
	}
	if len(w.buf) > maxLine {
		// The cut must not go through a sensitive value: whole ones are masked before,
		// and what may be the beginning of one waits for the rest.
		text := w.mask.Replace(string(w.buf))
		cut := max(len(text)-w.longest, 0)
		w.line([]byte(text[:cut]))
		w.buf = []byte(text[cut:])
	}
	return len(p), nil
}

// line says one line as a terminal would show it: what a carriage return
// overwrites is left out.
func (w *lines) line(b []byte) {
	b = bytes.TrimRight(b, "\r")
	if i := bytes.LastIndexByte(b, '\r'); i >= 0 {
		b = b[i+1:]
	}
	w.emit(Event{Type: Output, Stderr: w.stderr, Text: strings.ToValidUTF8(string(b), "\uFFFD")})
}

func (w *lines) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.buf) > 0 {
		w.line(w.buf)
		w.buf = nil
	}
	return nil
}
