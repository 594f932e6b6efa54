package term

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/proofmark-build/proofmark/internal/build"
)

var update = flag.Bool("update", false, "write what came out into the golden files")

// A golden file holds the events, one JSON object per line, and then what is
// shown for them with the options that a section's name lists. Escape characters
// stand as ␛.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			events := readEvents(t, a.Files[0].Data)
			for i, f := range a.Files[1:] {
				var out bytes.Buffer
				sink := sinkFor(t, f.Name, &out)
				for _, e := range events {
					sink.Event(e)
				}
				got := bytes.ReplaceAll(out.Bytes(), []byte("\x1b"), []byte("␛"))
				if d := cmp.Diff(string(f.Data), string(got)); d != "" && !*update {
					t.Errorf("%s:\n%s", f.Name, d)
				}
				a.Files[1+i].Data = got
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func sinkFor(t *testing.T, options string, out *bytes.Buffer) build.Sink {
	var o Options
	for _, name := range strings.Split(options, "+") {
		switch name {
		case "plain":
		case "color":
			o.Color = true
		case "timestamps":
			o.Timestamps = true
		case "verbose":
			o.Verbose = true
		case "json":
			return NewJSON(out)
		case "machine":
			return NewMachine(out).Sink()
		default:
			t.Fatalf("unknown option %q", name)
		}
	}
	return NewPeople(out, o)
}

func readEvents(t *testing.T, lines []byte) (events []build.Event) {
	t.Helper()
	s := bufio.NewScanner(bytes.NewReader(lines))
	for s.Scan() {
		if strings.TrimSpace(s.Text()) == "" {
			continue
		}
		var e build.Event
		d := json.NewDecoder(bytes.NewReader(s.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		events = append(events, e)
	}
	return events
}

// TestStandardError: as Packer, it stands out.
func TestStandardError(t *testing.T) {
	t.Parallel()
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		s := NewPeople(&out, Options{Color: color})
		s.Event(build.Event{Type: build.Output, Build: "null", Text: "said"})
		out.Reset()
		s.Event(build.Event{Type: build.Output, Build: "null", Text: "complained", Stderr: true})
		want := "==> null: complained\n"
		if color {
			want = bold(red).start() + "==> null: complained" + reset + "\n"
		}
		if out.String() != want {
			t.Errorf("color %v: %q, want %q", color, &out, want)
		}
	}
}
