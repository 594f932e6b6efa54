package qemu

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// write writes a kibibyte at a place of the first disk of a machine that is off.
func (s stack) write(m *vm, at int64, b byte) {
	s.Helper()
	if len(m.disks) == 0 {
		if _, err := m.standOn(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
	raw := filepath.Join(s.home, "piece")
	if err := os.WriteFile(raw, bytes.Repeat([]byte{b}, 1<<10), 0o600); err != nil {
		s.Fatal(err)
	}
	command := fmt.Sprintf("write -s %s %d 1k", raw, at)
	if out, err := exec.CommandContext(s.Context(), "qemu-io", "-f", m.format, "-c", command, m.disks[0]).CombinedOutput(); err != nil {
		s.Fatalf("%v: %s", err, out)
	}
}

// freeze makes a layer of a machine that is off.
func (s stack) freeze(m *vm) (string, *vm) {
	s.Helper()
	ref, err := s.env.Res.Create(s.Context(), s.b.places.layerClass(), func(ctx context.Context, tag string) (string, error) {
		_, err := m.freeze(ctx, tag, false, time.Now())
		return tag, err
	})
	if err == nil {
		err = s.env.Res.Keep(ref)
	}
	if err != nil {
		s.Fatal(err)
	}
	next, err := s.b.restored(s.Context(), ref, s.env)
	if err != nil {
		s.Fatal(err)
	}
	s.closed(next)
	return ref, next
}

// TestCaptureOfLayers: what is captured holds all that the layers below do, in the template's
// format, and on the disk that it began with only where the template says so.
func TestCaptureOfLayers(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(c *Config, below string){
		"raw":        func(c *Config, _ string) { c.Disks.Format = "raw" },
		"qcow2":      func(*Config, string) {},
		"as it is":   func(c *Config, _ string) { c.SkipCompaction = true },
		"compressed": func(c *Config, _ string) { c.Compression = true },
		"backing":    func(c *Config, below string) { c.ISO.URL, c.Backing = below, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := sector(b, stays)
			raw, below := c.ISO.URL, filepath.Join(b.home, "below.qcow2")
			if err := qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", raw, below); err != nil {
				t.Fatal(err)
			}
			set(&c, below)
			c.Additional = []string{"1M"}
			s := stack{bench: b}
			var err error
			if s.b, err = New(c, b.d); err != nil {
				t.Fatal(err)
			}
			m, ok := s.begin().(*vm)
			if !ok {
				t.Fatal("no machine of this builder")
			}
			s.write(m, 128<<10, 1)
			_, m = s.freeze(m)
			s.write(m, 256<<10, 2)
			_, m = s.freeze(m)
			s.write(m, 512<<10, 3)
			img, err := m.Capture(t.Context(), s.env)
			if err != nil {
				t.Fatal(err)
			}
			s.holds(img, c.Disks.Format, raw)
			if got, want := backs(t, img.ID), map[bool]string{true: below}[c.Backing]; got != want {
				t.Errorf("the image stands on %q, want %q", got, want)
			}
			if len(img.Files) != 2 || filepath.Base(img.ID) != "packer-test" || filepath.Base(img.Files[1]) != "packer-test-1" || backs(t, img.Files[1]) != "" {
				t.Errorf("image %+v", img)
			}
		})
	}
}

// holds wants what the first disk began with in an image, and what was written.
func (s stack) holds(img image.Image, format, raw string) {
	s.Helper()
	flat := filepath.Join(s.home, "flat")
	if err := qemuImg(s.Context(), "convert", "-f", format, "-O", "raw", img.ID, flat); err != nil {
		s.Fatal(err)
	}
	got, err := os.ReadFile(flat)
	want, err2 := os.ReadFile(raw)
	if err := errors.Join(err, err2); err != nil {
		s.Fatal(err)
	}
	for at, b := range map[int]byte{128 << 10: 1, 256 << 10: 2, 512 << 10: 3} {
		copy(want[at:], bytes.Repeat([]byte{b}, 1<<10))
	}
	if !bytes.Equal(got, want) {
		s.Error("the image does not hold what was written")
	}
}

// backs is the file that a disk stands on.
func backs(t *testing.T, file string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), imgProgram, "info", "--output=json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Backing string `json:"backing-filename"`
	}
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	return info.Backing
}

// onDisk is a builder whose machines stand on a disk of the user's, below.
func onDisk(b *bench) (s stack, below string) {
	b.Helper()
	c := sector(b, stays)
	below = filepath.Join(b.home, "below.qcow2")
	if err := qemuImg(b.Context(), "convert", "-f", "raw", "-O", "qcow2", c.ISO.URL, below); err != nil {
		b.Fatal(err)
	}
	c.ISO.URL, c.Backing = below, true
	s.bench = b
	var err error
	if s.b, err = New(c, b.d); err != nil {
		b.Fatal(err)
	}
	return s, below
}

// TestLostLayers: a layer that is not as it was, or whose machine does not know the key of
// builds, is gone; one that has only been moved is not.
func TestLostLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, _ := onDisk(b)
	one, m := s.freeze(s.begin().(*vm))
	s.write(m, 0, 1)
	two, _ := s.freeze(m)
	for want, tt := range map[string]struct{ ref, file string }{
		"a disk below":  {one, "disks/0"},
		"its own disk":  {two, "disks/0"},
		"a note below":  {one, noteFile},
		"the top note":  {two, noteFile},
		"the build key": {"../keys", usualKey},
		"the base":      {"../..", "below.qcow2"},
	} {
		file := filepath.Join(b.d.State, "layers", tt.ref, tt.file)
		aside := filepath.Join(b.home, "aside")
		if err := os.Rename(file, aside); err != nil {
			t.Fatal(err)
		}
		if _, err := s.b.Restore(t.Context(), two, s.env); !errors.Is(err, machine.ErrGone) {
			t.Errorf("without %s: %v", want, err)
		}
		if err := os.Rename(aside, file); err != nil {
			t.Fatal(err)
		}
	}
	for _, ref := range []string{one, two} {
		spoil := filepath.Join(b.d.State, "layers", ref, "disks", "0")
		text, err := os.ReadFile(spoil)
		if err != nil {
			t.Fatal(err)
		}
		table := binary.BigEndian.Uint64(text[40:])
		for what, odd := range map[string][]byte{
			"another format": append([]byte("none"), text[4:]...),
			"a wrong table":  slices.Concat(text[:table], []byte{0x80, 0, 0, 0, 0, 5, 2, 0}, text[table+8:]),
		} {
			err := os.WriteFile(spoil, odd, 0o600)
			if _, e := s.b.Restore(t.Context(), two, s.env); err != nil || !errors.Is(e, machine.ErrGone) {
				t.Errorf("a disk with %s: %v, %v", what, e, err)
			}
		}
		if err := os.WriteFile(spoil, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.b.restored(ctx, two, s.env); err == nil || errors.Is(err, machine.ErrGone) {
		t.Errorf("a layer that nobody has looked at: %v", err)
	}

	moved := b.d
	moved.State = filepath.Join(b.home, "moved")
	if err := os.Rename(b.d.State, moved.State); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Rename(moved.State, b.d.State) }()
	s.b, _ = New(s.b.c, moved)
	next, err := s.b.restored(t.Context(), two, s.env)
	if err == nil {
		_, err = next.standOn(t.Context())
	}
	if err == nil {
		err = qemuImg(t.Context(), "check", "-q", next.disks[0])
	}
	if err := errors.Join(err, next.Close(t.Context())); err != nil {
		t.Errorf("the home was moved: %v", err)
	}
	for _, ref := range []string{"", ".", "..", "/etc", one + "/..", "pmneverneve2"} {
		if _, err := s.b.Restore(t.Context(), ref, s.env); !errors.Is(err, machine.ErrGone) {
			t.Errorf("restored %q: %v", ref, err)
		}
		if err := s.b.Discard(t.Context(), ref, s.env); err != nil {
			t.Errorf("discard %q: %v", ref, err)
		}
	}
}

// TestDiskBelowLayers: layers that stand on a disk of the user's are gone with it.
func TestDiskBelowLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, below := onDisk(b)
	ref, _ := s.freeze(s.begin().(*vm))
	if err := os.Rename(below, below+".aside"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.b.Restore(t.Context(), ref, s.env); !errors.Is(err, machine.ErrGone) {
		t.Errorf("without the disk below: %v", err)
	}
}

// TestKeysOfLayers: a machine that was told one key is not restored for another, be it the
// template's own.
func TestKeysOfLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	c.SSH.Password = ""
	key := filepath.Join(b.home, "key")
	change := func() {
		t.Helper()
		_ = os.Remove(key) // the first time there is none
		if err := makeKeyFile(key, usualKey, 0); err != nil {
			t.Fatal(err)
		}
	}
	change()
	c.SSH.PrivateKeyFile = key
	s := stack{bench: b}
	var err error
	if s.b, err = New(c, b.d); err != nil {
		t.Fatal(err)
	}
	ref, _ := s.freeze(s.begin().(*vm)) // which restores it once
	change()
	if _, err := s.b.Restore(t.Context(), ref, s.env); !errors.Is(err, machine.ErrGone) {
		t.Errorf("with another key: %v", err)
	}
}

// TestMediaOfLayers: what a machine was offered is there in those of its layers, and what is
// written to it stays in the machine that writes.
func TestMediaOfLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := RequireTrial(true); err != nil {
		t.Skip(err)
	}
	c := sector(b, stays)
	c.EFI = true
	c.CD.Content, c.Floppy.Content = map[string]string{"a": "b"}, map[string]string{"a": "b"}
	c.Image, c.SkipResize, c.Disks.Size = false, false, "2M"
	s := stack{bench: b}
	var err error
	if s.b, err = New(c, b.d); err != nil {
		t.Fatal(err)
	}
	first := s.begin().(*vm)
	medium, cd := first.cds[0], read(t, first.cds[1])
	mark := func(m *vm, text string) {
		t.Helper()
		for _, file := range []string{m.vars, m.floppy} {
			if err := os.WriteFile(file, append([]byte(text), read(t, file)[len(text):]...), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	mark(first, "first")
	one, next := s.freeze(first)
	if _, err := next.standOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	mark(next, "other")
	two, _ := s.freeze(next)
	for ref, want := range map[string]string{one: "first", two: "other"} {
		m, err := s.b.restored(s.Context(), ref, s.env)
		if err != nil {
			t.Fatal(err)
		}
		s.closed(m)
		if _, err := m.standOn(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{m.vars, m.floppy} {
			if got := read(t, file); !bytes.HasPrefix(got, []byte(want)) {
				t.Errorf("%s begins with %q, want %q", file, got[:5], want)
			}
		}
		if len(m.cds) != 2 || m.cds[0] != medium || !bytes.Equal(read(t, m.cds[1]), cd) {
			t.Errorf("CDs %q", m.cds)
		}
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
