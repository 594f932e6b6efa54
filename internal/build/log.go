package build

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// maxStepLog is how much of a step's output its layer keeps.
const maxStepLog = 1 << 20

// logger is the one way out for everything that a build says: it masks sensitive
// values, writes the complete log file, and hands events to the sink. It
// implements machine.Log. The file is made by begin: a build that finds nothing
// to do leaves none.
type logger struct {
	sink       Sink
	run, build string
	path       string
	mask       *strings.Replacer
	longest    int // bytes of the longest sensitive value on one line

	mu   sync.Mutex
	file *os.File
	made bool         // begin was called
	held bytes.Buffer // what was said before
	step bytes.Buffer // the end of what the current step says
	err  error        // first failed write: the build goes on, and end tells
}

// newLogger makes a logger. Longer secrets come first, as Template.Secrets has
// them: one may be part of another.
func newLogger(sink Sink, run, build, path string, secrets []string) *logger {
	l := &logger{sink: sink, run: run, build: build, path: path}
	var pairs []string
	for _, s := range secrets {
		pairs = append(pairs, s, "<sensitive>")
		if !strings.Contains(s, "\n") {
			l.longest = max(l.longest, len(s))
		}
	}
	l.mask = strings.NewReplacer(pairs...)
	return l
}

// begin makes the log file and writes what was said so far.
func (l *logger) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("make log directory: %w", err)
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make log: %w", err)
	}
	l.file, l.made = f, true
	_, l.err = l.held.WriteTo(f)
	return nil
}

// begun tells whether there is a log file.
func (l *logger) begun() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.made
}

// end closes the log file and returns the first error of writing it.
func (l *logger) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	if l.err == nil && err != nil {
		l.err = fmt.Errorf("write log: %w", err)
	}
	l.file = nil
	return l.err
}

// emit masks an event, writes its line to the log and hands it on.
func (l *logger) emit(e Event) {
	e.Time, e.Run, e.Build = time.Now(), l.run, l.build
	e.Text, e.Name, e.Error = l.mask.Replace(e.Text), l.mask.Replace(e.Name), l.mask.Replace(e.Error)
	if e.Artifact != nil {
		a := l.maskArtifact(*e.Artifact)
		e.Artifact = &a
	}
	if e.Check != nil {
		c := l.maskResult(*e.Check)
		e.Check = &c
	}
	if line := logLine(e); line != "" {
		l.write(e.Time.UTC().Format("2006-01-02T15:04:05.000Z ") + line + "\n")
	}
	l.sink.Event(e)
}

func (l *logger) maskArtifact(a catalog.Artifact) catalog.Artifact {
	a.ID, a.Text, a.Files = l.mask.Replace(a.ID), l.mask.Replace(a.Text), slices.Clone(a.Files)
	for i, f := range a.Files {
		a.Files[i] = l.mask.Replace(f)
	}
	return a
}

func (l *logger) maskResult(c verify.Result) verify.Result {
	for _, s := range []*string{&c.Subject, &c.Description, &c.Wanted, &c.Found, &c.Reason, &c.Command} {
		*s = l.mask.Replace(*s)
	}
	c.Groups = slices.Clone(c.Groups)
	for i, g := range c.Groups {
		c.Groups[i] = l.mask.Replace(g)
	}
	return c
}

func (l *logger) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.step.WriteString(line)
	if over := l.step.Len() - maxStepLog; over > maxStepLog {
		l.step.Next(over)
	}
	if l.file == nil {
		l.held.WriteString(line)
		return
	}
	if _, err := l.file.WriteString(line); l.err == nil && err != nil {
		l.err = fmt.Errorf("write log: %w", err)
	}
}

// takeStep returns the output since the last call.
func (l *logger) takeStep() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.step.String()
	l.step.Reset()
	return s
}

// tail returns the end of the log file: at most n bytes, and whole lines.
func (l *logger) tail(n int64) (string, error) {
	f, err := os.Open(l.path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return "", err
	}
	skip := max(0, fi.Size()-n)
	text, err := io.ReadAll(io.NewSectionReader(f, skip, n))
	if skip > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return strings.ToValidUTF8(string(text), "\uFFFD"), err
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
