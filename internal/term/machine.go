package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Machine writes what -machine-readable promises to programs: a line for each thing,
// "seconds,target,type,data…", in which seconds are Unix time and the target is a
// build or empty. It is safe for concurrent use. Errors of the writer are ignored,
// as those of other sinks.
type Machine struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
}

// NewMachine returns one that writes to w.
func NewMachine(w io.Writer) *Machine { return &Machine{w: w, now: time.Now} }

// Types of what Machine.UI takes.
const (
	uiSay     = "say"     // a step begins
	uiMessage = "message" // detail
	uiError   = "error"
)

// Write writes one line. Commas and line ends in data are escaped as Packer does it.
func (m *Machine) Write(target, typ string, data ...string) {
	m.write(m.now(), target, typ, data...)
}

func (m *Machine) write(at time.Time, target, typ string, data ...string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%d,%s,%s", at.Unix(), machineEscapes.Replace(target), typ)
	for _, d := range data {
		b.WriteByte(',')
		machineEscapes.WriteString(&b, d)
	}
	b.WriteByte('\n')
	m.mu.Lock()
	defer m.mu.Unlock()
	io.WriteString(m.w, b.String())
}

// machineEscapes is safe for concurrent use.
var machineEscapes = strings.NewReplacer(",", "%!(PACKER_COMMA)", "\r", `\r`, "\n", `\n`)

// Say writes a line that people would see.
func (m *Machine) Say(text string) { m.Write("", "ui", uiSay, text) }

// Message writes one of detail.
func (m *Machine) Message(text string) { m.Write("", "ui", uiMessage, text) }

// Error writes one that tells them what went wrong.
func (m *Machine) Error(text string) { m.Write("", "ui", uiError, text) }

// Lines returns a writer that says every line written to it. Close says what is left
// of an unfinished one. Failed lines are errors.
func (m *Machine) Lines(failed bool) io.WriteCloser {
	if failed {
		return &lineWriter{say: m.Error}
	}
	return &lineWriter{say: m.Say}
}

// lineWriter hands on whole lines, without their ends. It is not safe for concurrent
// use.
type lineWriter struct {
	say  func(string)
	rest []byte
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.say(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
}

func (l *lineWriter) Close() error {
	if len(l.rest) > 0 {
		l.say(string(l.rest))
		l.rest = nil
	}
	return nil
}
