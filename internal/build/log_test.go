package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// heard is a sink that remembers.
type heard struct {
	mu     sync.Mutex
	events []Event
}

func (h *heard) Event(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

func (h *heard) texts() (all []string) {
	for _, e := range h.events {
		all = append(all, e.Text)
	}
	return all
}

func TestOutputIsCutIntoLines(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		writes []string
		want   []string
	}{
		"lines":               {[]string{"a\nb\n"}, []string{"a", "b"}},
		"in pieces":           {[]string{"a", "b", "\nc", "\n"}, []string{"ab", "c"}},
		"unfinished":          {[]string{"a\nb"}, []string{"a", "b"}},
		"nothing":             {nil, nil},
		"empty lines":         {[]string{"\n\n"}, []string{"", ""}},
		"line ends of others": {[]string{"a\r\nb\r\n"}, []string{"a", "b"}},
		"a progress bar":      {[]string{"10%\r", "50%\r", "100%\ndone\n"}, []string{"100%", "done"}},
		"no text":             {[]string{"a\xffb\n"}, []string{"a\uFFFDb"}},
		"a secret":            {[]string{"my pass", "word1 is it\n"}, []string{"my <sensitive> is it"}},
		"part of another":     {[]string{"password1234 password1\n"}, []string{"<sensitive> <sensitive>"}},
		"a long line":         {[]string{strings.Repeat("x", maxLine+1), "yz\nend\n"}, []string{strings.Repeat("x", maxLine+1-12), strings.Repeat("x", 12) + "yz", "end"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h heard
			w := newLogger(&h, "run", "build", "", []string{"password1234", "password1"}).Output()
			for _, text := range tt.writes {
				if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatal(n, err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got := h.texts(); strings.Join(got, "\n") != strings.Join(tt.want, "\n") || len(got) != len(tt.want) {
				t.Errorf("%d lines %.100q, want %d lines %.100q", len(got), got, len(tt.want), tt.want)
			}
		})
	}
}

func TestSecretWhereALongLineIsCut(t *testing.T) {
	t.Parallel()
	const secret = "correct-horse-battery"
	for shift := -len(secret) - 2; shift <= 2; shift++ {
		if testing.Short() && shift%5 != 0 {
			continue
		}
		var h heard
		w := newLogger(&h, "run", "build", "", []string{secret}).Output()
		line := strings.Repeat(".", maxLine+shift) + secret + strings.Repeat(".", 100) + "\n"
		for piece := range strings.SplitSeq(line, "horse") {
			w.Write([]byte(piece))
			if !strings.HasSuffix(piece, "\n") {
				w.Write([]byte("horse"))
			}
		}
		w.Close()
		all := strings.Join(h.texts(), "")
		for _, part := range []string{"correct", "horse", "battery"} {
			if strings.Contains(all, part) {
				t.Fatalf("shift %d: %q got through", shift, part)
			}
		}
		if dots := strings.Count(all, "."); dots != maxLine+shift+100 {
			t.Fatalf("shift %d: %d dots, want %d", shift, dots, maxLine+shift+100)
		}
	}
}

func TestLogFile(t *testing.T) {
	t.Parallel()
	var h heard
	path := filepath.Join(t.TempDir(), "logs", "x.log")
	l := newLogger(&h, "run-1", "fake.web", path, []string{"s3cret"})
	l.Say("before %s", "s3cret")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) || l.begun() {
		t.Errorf("the log is there before it begins: %v", err)
	}
	if err := l.begin(); err != nil || !l.begun() {
		t.Fatal(err)
	}
	l.Message("detail")
	l.Warn("careful")
	moved := l.Progress("disk s3cret", 100)
	moved(40, false)
	moved(60, true)
	l.emit(Event{Type: StepStarted, Step: 1, Name: "shell s3cret"})
	l.emit(Event{Type: StepFinished, Step: 1, Name: "shell", Took: 1500 * time.Millisecond})
	l.emit(Event{Type: StepFinished, Step: 2, Name: "file", Cached: true, Age: time.Hour})
	l.emit(Event{Type: StepFinished, Step: 3, Name: "shell", Error: "exit status s3cret"})
	l.emit(Event{Type: GateStarted, Gate: 1})
	for _, v := range []verify.Verdict{verify.Pass, verify.Fail, verify.Unknown, verify.Skipped} {
		c := verify.Result{Subject: "File", Description: "is s3cret", Verdict: v, Wanted: "s3cret", Found: "x s3cret", Reason: "no s3cret", Command: "cat s3cret",
			Pos: template.Pos{File: "a.hcl", Line: 3}}
		l.emit(Event{Type: CheckDone, Gate: 1, Check: &c})
		if c.Wanted != "s3cret" {
			t.Error("the caller's result was changed")
		}
	}
	l.emit(Event{Type: GateFinished, Gate: 1, Passed: 1, Failed: 1, Unknown: 1, Skipped: 1})
	l.emit(Event{Type: BuildDone, Error: "s3cret failed"})
	l.emit(Event{Type: BuildDone})
	if err := l.end(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		stamp, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", stamp); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		lines = append(lines, rest)
	}
	want := `==> before <sensitive>
    detail
warning: careful
==> step 1: shell <sensitive>
    step 1 took 1.5 s
==> step 2: file: from a layer, 1 h 0 min old
    step 3 failed after 0.00 s
==> gate 1
    gate 1: pass: File is <sensitive>
    gate 1: fail: File is <sensitive> (wanted <sensitive>, found x <sensitive>) a.hcl:3
    gate 1: could not check: File is <sensitive> (no <sensitive>) a.hcl:3
    gate 1: skipped: File is <sensitive> (no <sensitive>) a.hcl:3
    gate 1: 1 hold, 1 failed, 1 could not be checked, 1 left out
failed: <sensitive> failed
done`
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("log:\n%s\nwant:\n%s", got, want)
	}
	for _, e := range h.events {
		if strings.Contains(fmt.Sprintf("%+v %+v", e, e.Check), "s3cret") || e.Run != "run-1" || e.Build != "fake.web" || e.Time.IsZero() {
			t.Errorf("event = %+v", e)
		}
	}
	if err := newLogger(&h, "run-1", "x", path, nil).begin(); err == nil {
		t.Error("a log was overwritten")
	}
	if tail, err := l.tail(20); err != nil || !strings.HasSuffix(tail, " done\n") && tail != "" {
		t.Errorf("tail = %q, %v", tail, err)
	}
	if tail, err := l.tail(1 << 20); err != nil || tail != string(text) {
		t.Errorf("tail = %q, %v", tail, err)
	}
}

func TestLayersKeepTheEndOfALog(t *testing.T) {
	t.Parallel()
	l := newLogger(&heard{}, "", "", "", nil)
	for i := range 5_000 {
		l.Message("line %d %s", i, strings.Repeat("x", 1000))
	}
	got := l.takeStep()
	if len(got) < maxStepLog || len(got) > 2*maxStepLog+100 || !strings.Contains(got, "line 4999") {
		t.Errorf("%d bytes, ending %q", len(got), got[len(got)-100:])
	}
	if got := l.takeStep(); got != "" {
		t.Errorf("taken twice: %.100q", got)
	}
}

func TestFullDiskIsToldAtTheEnd(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	l := newLogger(&heard{}, "", "", "", nil)
	l.file, l.made = f, true
	l.Say("one")
	l.Say("two")
	if err := l.end(); err == nil || !strings.HasPrefix(err.Error(), "write log: ") {
		t.Errorf("err = %v", err)
	}
	if err := l.end(); err != nil {
		t.Errorf("told twice: %v", err)
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	names := []string{"fake.web", "a b", "a_b", "a/b", "..", ".", ".hidden", "ü", "%2f", "/", "a\x00b", "web server", "web%20server"}
	seen := map[string]string{}
	for _, name := range names {
		got := fileName(name)
		if other, ok := seen[got]; ok {
			t.Errorf("%q and %q are both %q", name, other, got)
		}
		seen[got] = name
		if got == "" || got[0] == '.' || strings.ContainsAny(got, "/\x00 ") {
			t.Errorf("%q becomes %q", name, got)
		}
	}
	if got := fileName("fake.web-1_x"); got != "fake.web-1_x" {
		t.Errorf("got %q", got)
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0.00 s", 12 * time.Millisecond: "0.01 s", 1500 * time.Millisecond: "1.5 s",
		59*time.Second + 990*time.Millisecond: "59.9 s", 61 * time.Second: "1 min 1 s", 3*time.Hour + 62*time.Minute: "4 h 2 min",
		49 * time.Hour: "2 days",
	} {
		if got := Took(d); got != want {
			t.Errorf("Took(%v) = %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1 << 20: "1.0 MiB", 5 << 30: "5.0 GiB"} {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}
