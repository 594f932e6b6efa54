package qemu

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// stack is a bench with a builder whose layers are discarded at the end.
type stack struct {
	*bench
	b *Builder
}

func newStack(t *testing.T, c Config) stack {
	t.Helper()
	s := stack{bench: newBench(t)}
	var err error
	if s.b, err = New(c, s.d); err != nil {
		t.Fatal(err)
	}
	s.b.worthSaving = always
	return s
}

// snapshot makes a layer that goes with the test.
func (s stack) snapshot(m machine.Machine) (string, machine.Machine) {
	s.Helper()
	ref, next, err := s.b.Snapshot(s.Context(), m, s.env)
	if err != nil || ref == "" {
		s.Fatalf("layer %q, %v", ref, err)
	}
	if err := s.env.Res.Keep(ref); err != nil {
		s.Error(err)
	}
	return ref, s.closed(next)
}

// closed has a machine closed before the test's end.
func (s stack) closed(m machine.Machine) machine.Machine {
	s.Cleanup(func() {
		if err := m.Close(s.Context()); err != nil {
			s.Error(err)
		}
	})
	return m
}

// begin starts a machine.
func (s stack) begin() machine.Machine {
	s.Helper()
	m, err := s.b.Start(s.Context(), s.env)
	if err != nil {
		s.Fatal(err)
	}
	return s.closed(m)
}

// restore gives a machine of a layer, and what a command in it says.
func (s stack) restore(ref, line string) (machine.Machine, string) {
	s.Helper()
	m, err := s.b.Restore(s.Context(), ref, s.env)
	if err != nil {
		s.Fatal(err)
	}
	s.closed(m)
	return m, s.run(m, line)
}

// run runs a command in a machine.
func (s stack) run(m machine.Machine, line string) string {
	s.Helper()
	c, err := m.Connect(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	var out, errs strings.Builder
	exit, err := c.Run(s.Context(), machine.Command{Line: line, Stdout: &out, Stderr: &errs})
	if exit != 0 || err != nil {
		s.Fatalf("%s: exit %d, %v, %s", line, exit, err, errs.String())
	}
	return strings.TrimSpace(out.String())
}

// change edits the note of a layer.
func (s stack) change(ref string, edit func(*note)) {
	s.Helper()
	l := s.b.places.layers()
	n, err := l.read(ref)
	if err != nil {
		s.Fatal(err)
	}
	edit(&n)
	if err := l.write(ref, n); err != nil {
		s.Fatal(err)
	}
}

const bootID = "cat /proc/sys/kernel/random/boot_id"

// TestLayers: machines go on from memory, with the time of day and random numbers of their
// own; where the memory is of no use they boot from the disk; where that is gone, so is the layer.
func TestLayers(t *testing.T) {
	t.Parallel()
	c := small(t, guest(t))
	c.Additional = []string{"1M"}
	s := newStack(t, c)
	m := s.begin()
	id := s.run(m, "echo one >/srv/step; dd if=/srv/step of=/dev/vdb 2>/dev/null; "+bootID)
	one, m := s.snapshot(m)
	// As if the layer had been made long ago.
	if got := s.run(m, "echo two >/srv/step; date -u -s 2001-02-03 >/dev/null; "+bootID); got != id {
		t.Errorf("the machine started anew")
	}
	two, m := s.snapshot(m)
	s.run(m, "echo three >/srv/step")

	look := "cat /srv/step; " + bootID + "; date +%s"
	a, err := s.b.Restore(t.Context(), two, s.env)
	b, err2 := s.b.Restore(t.Context(), two, s.env)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	random := map[string]bool{}
	for _, m := range []machine.Machine{s.closed(a), s.closed(b)} {
		random[s.run(m, "head -c 16 /dev/urandom | hexdump")] = true
		got := strings.Fields(s.run(m, look))
		seconds, _ := strconv.ParseInt(got[2], 10, 64)
		if late := time.Since(time.Unix(seconds, 0)); got[0] != "two" || got[1] != id || late.Abs() > 2*time.Minute {
			t.Errorf("restored %q, by a clock that is %s late", got, late)
		}
	}
	if len(random) != 2 {
		t.Errorf("two machines draw the same random numbers: %v", random)
	}
	if err := errors.Join(a.Close(t.Context()), b.Close(t.Context()), m.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(s.second(one)); got[0] != "one" || got[1] != id {
		t.Errorf("the first layer holds %q", got)
	}
	fromDisk := func(ref, step, why string) {
		t.Helper()
		if got := strings.Fields(s.second(ref)); got[0] != step || got[1] == id {
			t.Errorf("%s: %q", why, got)
		}
		if said := s.said.String(); !strings.Contains(said, "the memory in the layer is of no use: "+why) {
			t.Errorf("it does not say %q:\n%s", why, said)
		}
	}
	s.change(two, func(n *note) { n.Memory.QEMU = "1.2.3" })
	fromDisk(two, "two", "it is of QEMU 1.2.3, and this is ")
	l := s.b.places.layers()
	spoil(t, filepath.Join(l.path(one), memoryFile))
	fromDisk(one, "one", "read memory: ")
	s.unusable(two)

	n, err := l.read(one)
	if err != nil || n.Memory == nil || n.Start <= 0 {
		t.Fatalf("%+v, %v", n, err)
	}
	t.Logf("saved %d MiB in %s; the machine starts in %s", n.Memory.Size>>20, n.Memory.Took, n.Start)
	if err := os.Truncate(l.disk(one, 0), n.Disks[0].Size-1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.b.Restore(t.Context(), two, s.env); !errors.Is(err, machine.ErrGone) {
		t.Errorf("a disk below is damaged: %v", err)
	}
	if err := errors.Join(s.b.Discard(t.Context(), two, s.env), s.b.Discard(t.Context(), one, s.env)); err != nil {
		t.Error(err)
	}
}

// spoil changes a byte in the middle of a file.
func spoil(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		text[len(text)/2] ^= 1
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unusable wants a memory not to be used for machines that it does not fit.
func (s stack) unusable(ref string) {
	s.Helper()
	l := s.b.places.layers()
	n, err := l.read(ref)
	if err != nil {
		s.Fatal(err)
	}
	file := filepath.Join(l.path(ref), memoryFile)
	for want, tt := range map[string]func(m *vm, saved *memory){
		"":                                       func(*vm, *memory) {},
		"it is damaged":                          func(_ *vm, saved *memory) { saved.Size++ },
		"it is of another QEMU":                  func(_ *vm, saved *memory) { saved.Binary += "x" },
		"it is of a machine with other hardware": func(m *vm, _ *memory) { m.cpu = "max" },
	} {
		saved := *n.Memory
		m := &vm{b: s.b, build: s.env.Build, accelerator: tcg, disks: []string{"a", "b"}}
		tt(m, &saved)
		if got := m.unusable(file, saved); got != want {
			s.Errorf("%q, want %q", got, want)
		}
	}
}

// second tells what the disks of a layer hold, and which boot it is.
func (s stack) second(ref string) string {
	s.Helper()
	m, got := s.restore(ref, "[ $(head -c 3 /dev/vdb) = one ] && cat /srv/step && "+bootID)
	if err := m.Close(s.Context()); err != nil {
		s.Error(err)
	}
	return got
}

func TestWorthSaving(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		start, save time.Duration
		want        bool
	}{
		{0, 0, false}, {time.Second, time.Second, false}, {10 * time.Second, time.Second, true},
		{10 * time.Second, 5 * time.Second, false}, {time.Minute, 20 * time.Second, true},
	} {
		if got := worthSaving(tt.start, tt.save); got != tt.want {
			t.Errorf("start %s, save %s: %v", tt.start, tt.save, got)
		}
	}
}
