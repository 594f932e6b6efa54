package term

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/build"
)

// screen is a terminal that knows the few things that bars need. Lines do not
// wrap: what is too long is an error.
type screen struct {
	t        *testing.T
	width    int
	lines    []string
	row, col int
}

func (s *screen) Write(b []byte) (int, error) {
	for text := string(b); text != ""; {
		var n int
		switch {
		case len(s.lines) <= s.row:
			s.lines = append(s.lines, "")
		case text[0] == '\n':
			s.row, s.col, text = s.row+1, 0, text[1:]
		case text[0] == '\r':
			s.col, text = 0, text[1:]
		case strings.HasPrefix(text, "\x1b[J"):
			s.lines = s.lines[:s.row+1]
			s.lines[s.row] = string([]rune(s.lines[s.row])[:s.col])
			text = text[3:]
		case text[0] == '\x1b':
			if k, _ := fmt.Sscanf(text, "\x1b[%dA", &n); k != 1 || n > s.row {
				s.t.Fatalf("strange sequence %q in row %d", text, s.row)
			}
			s.row -= n
			text = text[strings.IndexByte(text, 'A')+1:]
		default:
			r := []rune(text)[0]
			if l := []rune(s.lines[s.row]); len(l) != s.col || s.col >= s.width {
				s.t.Fatalf("%q is written over or beyond %q", text, s.lines[s.row])
			}
			s.lines[s.row] += string(r)
			s.col++
			text = text[len(string(r)):]
		}
	}
	return len(b), nil
}

func (s *screen) String() string { return strings.Join(s.lines, "\n") }

var start = time.Date(2026, 11, 21, 18, 50, 25, 0, time.UTC)

func progress(at time.Duration, name, what string, done, total int64) build.Event {
	return build.Event{Time: start.Add(at), Build: name, Type: build.Progress, Name: what, Done: done, Total: total}
}

func say(name, text string) build.Event {
	return build.Event{Time: start, Build: name, Type: build.Say, Text: text}
}

func TestBars(t *testing.T) {
	t.Parallel()
	s := &screen{t: t, width: 80}
	p := NewPeople(s, Options{Width: func() int { return s.width }})
	want := func(lines ...string) {
		t.Helper()
		if d := cmp.Diff(strings.Join(lines, "\n"), strings.TrimRight(s.String(), "\n")); d != "" {
			t.Error(d)
		}
	}
	const half = "[===============               ]"
	p.Event(say("web", "one"))
	p.Event(progress(0, "web", "base.tar", 1_000_000, 2_000_000))
	want("==> web: one", "    web: base.tar  "+half+"  50%  1.0 M of 2.0 M")
	p.Event(progress(time.Second, "db", "download", 1234, 0))
	want("==> web: one", "    web: base.tar  "+half+"  50%  1.0 M of 2.0 M", "    db: download  1.2 k")
	p.Event(progress(time.Second+redraw/2, "db", "download", 999_999, 0))
	want("==> web: one", "    web: base.tar  "+half+"  50%  1.0 M of 2.0 M", "    db: download  1.2 k") // too soon
	p.Event(say("db", "two"))
	want("==> web: one", "==> db: two", "    web: base.tar  "+half+"  50%  1.0 M of 2.0 M", "    db: download  1000.0 k")
	p.Event(progress(2*time.Second, "web", "base.tar", 2_000_000, 2_000_000))
	want("==> web: one", "==> db: two", "    db: download  1000.0 k")
	s.width = 40
	p.Event(progress(3*time.Second, "a-build-with-a-long-name", "something with a long name, too", 3, 4))
	want("==> web: one", "==> db: two", "    db: download  1000.0 k", "    a-build-with-a…   75%")
	p.Event(build.Event{Time: start, Build: "db", Type: build.BuildDone, Took: time.Second})
	want("==> web: one", "==> db: two", "Build 'db' finished after 1 second.", "    a-build-with-a…   75%")
	s.width = 80
	p.Event(build.Event{Time: start, Type: build.RunFinished, Took: time.Second})
	want("==> web: one", "==> db: two", "Build 'db' finished after 1 second.",
		"", "==> Wait completed after 1 second", "", "==> Builds finished but no artifacts were created.")
}

func TestManyBars(t *testing.T) {
	t.Parallel()
	s := &screen{t: t, width: 80}
	p := NewPeople(s, Options{Width: func() int { return 80 }})
	for i := range 30 {
		p.Event(progress(time.Duration(i)*time.Second, fmt.Sprint(i), "x", 1, 2))
	}
	if n := strings.Count(s.String(), "50%"); n != 8 {
		t.Errorf("%d bars", n)
	}
}

// lines checks that every write is made of whole lines.
type lines struct {
	t *testing.T
	b bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	if !bytes.HasSuffix(b, []byte("\n")) {
		l.t.Errorf("half a line: %q", b)
	}
	return l.b.Write(b)
}

func TestParallel(t *testing.T) {
	t.Parallel()
	for name, newSink := range map[string]func(*lines) build.Sink{
		"people": func(l *lines) build.Sink { return NewPeople(l, Options{}) },
		"json":   func(l *lines) build.Sink { return NewJSON(l) },
	} {
		l := &lines{t: t}
		sink := newSink(l)
		var wg sync.WaitGroup
		for b := range 8 {
			wg.Go(func() {
				for range 200 {
					sink.Event(say(fmt.Sprint("b", b), "text\nmore"))
				}
			})
		}
		wg.Wait()
		want := map[string]int{"people": 8 * 200 * 2, "json": 8 * 200}[name]
		got := strings.Split(strings.TrimSuffix(l.b.String(), "\n"), "\n")
		if len(got) != want {
			t.Errorf("%s: %d lines, want %d", name, len(got), want)
		}
		for i, s := range got {
			if name == "people" && s[len("==> b0: "):] != []string{"text", "more"}[i%2] {
				t.Fatalf("line %q", s)
			}
		}
	}
}
