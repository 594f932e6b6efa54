package build

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
)

const (
	maxLine    = 1 << 20 // a longer line is cut
	maxStepLog = 1 << 20 // what a layer keeps of its step's output
)

// logger is the one way out for everything that a build says: it masks sensitive
// values, writes the complete log file, and hands events to the sink. It
// implements machine.Log. The file is made by begin: a build that finds nothing
// to do leaves none.
type logger struct {
	sink       Sink
	run, build string
	path       string
	mask       *strings.Replacer
	longest    int // bytes of the longest sensitive value

	mu   sync.Mutex
	file *os.File
	held bytes.Buffer // before begin
	step bytes.Buffer // of the current step
	err  error        // first failed write: the build goes on, and finish says so
}

func newLogger(sink Sink, run, build, path string, secrets []string) *logger {
	l := &logger{sink: sink, run: run, build: build, path: path}
	var pairs []string
	for _, s := range secrets {
		// Output is masked line by line, so each line of a long secret is one.
		for _, line := range append([]string{s}, strings.Split(s, "\n")...) {
			if len(line) >= 3 {
				pairs = append(pairs, line, "<sensitive>")
				l.longest = max(l.longest, len(line))
			}
		}
	}
	l.mask = strings.NewReplacer(pairs...)
	return l
}

// begin makes the log file and writes what was said so far.
func (l *logger) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("make log directory: %w", err)
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make log: %w", err)
	}
	l.file = f
	_, l.err = l.held.WriteTo(f)
	return nil
}

// end closes the log file and returns the first error of writing it.
func (l *logger) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	if err := l.file.Close(); l.err == nil {
		l.err = err
	}
	l.file = nil
	return l.err
}

// emit masks an event, writes its line to the log and hands it on.
func (l *logger) emit(e Event) {
	e.Time, e.Run, e.Build = time.Now(), l.run, l.build
	e.Text, e.Error = l.mask.Replace(e.Text), l.mask.Replace(e.Error)
	if e.Check != nil {
		c := l.maskResult(*e.Check)
		e.Check = &c
	}
	if line := logLine(e); line != "" {
		l.write(e.Time.UTC().Format("2006-01-02T15:04:05.000Z ") + line + "\n")
	}
	l.sink.Event(e)
}

func (l *logger) maskResult(c verify.Result) verify.Result {
	for _, s := range []*string{&c.Subject, &c.Description, &c.Wanted, &c.Found, &c.Reason, &c.Command} {
		*s = l.mask.Replace(*s)
	}
	return c
}

func (l *logger) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.step.Len() < maxStepLog {
		l.step.WriteString(line)
	}
	if l.file == nil {
		l.held.WriteString(line)
		return
	}
	if _, err := l.file.WriteString(line); l.err == nil && err != nil {
		l.err = fmt.Errorf("write log: %w", err)
	}
}

// logLine is how an event stands in the log file; "" for what is left out there.
func logLine(e Event) string {
	switch e.Type {
	case Say:
		return "==> " + e.Text
	case Message, Output:
		return "    " + e.Text
	case Warning:
		return "warning: " + e.Text
	case StepStarted, StepFinished:
		return stepLine(e)
	case GateStarted:
		return fmt.Sprintf("==> gate %d", e.Gate)
	case GateFinished:
		return fmt.Sprintf("    gate %d: %d hold, %d failed, %d could not be checked, %d left out", e.Gate, e.Passed, e.Failed, e.Unknown, e.Skipped)
	case CheckDone:
		c := e.Check
		line := fmt.Sprintf("    gate %d: %s: %s %s", e.Gate, c.Verdict, c.Subject, c.Description)
		if c.Verdict == verify.Fail {
			line += fmt.Sprintf(" (wanted %s, found %s) %s", c.Wanted, c.Found, c.Pos)
		} else if c.Verdict == verify.Unknown || c.Verdict == verify.Skipped {
			line += fmt.Sprintf(" (%s) %s", c.Reason, c.Pos)
		}
		return strings.TrimRight(line, " ")
	case BuildDone:
		if e.Error != "" {
			return "failed: " + e.Error
		}
		return "done"
	}
	return ""
}

// stepLine tells that a step begins, or how it ended.
func stepLine(e Event) string {
	switch {
	case e.Type == StepStarted:
		return fmt.Sprintf("==> step %d: %s", e.Step, e.Name)
	case e.Cached:
		return fmt.Sprintf("==> step %d: %s: from a layer, %s old", e.Step, e.Name, Took(e.Age))
	}
	return fmt.Sprintf("    step %d took %s", e.Step, Took(e.Took))
}

// takeStep returns the output since the last call.
func (l *logger) takeStep() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.step.String()
	l.step.Reset()
	return s
}

// tail returns the end of the log file, at most n bytes.
func (l *logger) tail(n int64) string {
	f, err := os.Open(l.path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil && fi.Size() > n {
		_, _ = f.Seek(-n, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(f, n))
	return strings.ToValidUTF8(string(text), "�")
}

func (l *logger) Say(format string, a ...any) {
	l.emit(Event{Type: Say, Text: fmt.Sprintf(format, a...)})
}
func (l *logger) Message(format string, a ...any) {
	l.emit(Event{Type: Message, Text: fmt.Sprintf(format, a...)})
}
func (l *logger) Warn(format string, a ...any) {
	l.emit(Event{Type: Warning, Text: fmt.Sprintf(format, a...)})
}

func (l *logger) Progress(name string, total int64) func(int64, bool) {
	began := time.Now()
	var mu sync.Mutex
	var sum int64
	return func(n int64, done bool) {
		mu.Lock()
		defer mu.Unlock()
		sum += n
		e := Event{Type: Progress, Name: name, Done: sum, Total: total}
		if done {
			e.Took = time.Since(began)
		}
		l.emit(e)
	}
}

func (l *logger) Output() io.WriteCloser { return &lines{log: l} }

// lines cuts a stream into Output events.
type lines struct {
	log *logger
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
		// Keep back what may be the beginning of a sensitive value.
		cut := len(w.buf) - w.log.longest
		w.line(w.buf[:cut])
		w.buf = append([]byte(nil), w.buf[cut:]...)
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
	w.log.emit(Event{Type: Output, Text: strings.ToValidUTF8(string(b), "�")})
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
