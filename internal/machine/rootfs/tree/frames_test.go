package tree

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// manyFiles makes a tree of small files and some large ones, that is the same each time.
func manyFiles(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	r := rand.NewChaCha8([32]byte{3})
	for i := range 400 {
		size := 1 + i*37
		if i%100 == 50 {
			size = 1<<20 + i*1000
		}
		b := make([]byte, size)
		_, _ = r.Read(b)
		put(t, filepath.Join(dir, fmt.Sprintf("d%d", i%7), fmt.Sprintf("f%03d", i)), b)
	}
	return dir
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	when := time.Unix(1_700_000_000, 5)
	for _, err := range []error{os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b, 0o644), os.Chtimes(path, when, when), os.Chtimes(filepath.Dir(path), when, when)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestReusedFrames: an archive that copies from an earlier one is the one that copies from
// none, and what changed is all that is compressed.
func TestReusedFrames(t *testing.T) {
	t.Parallel()
	dir := manyFiles(t)
	out := t.TempDir()
	lists := map[string]string{}
	capture := func(name, before, list string) string {
		path := filepath.Join(out, name)
		c, err := CaptureTar(t.Context(), dir, path, CaptureOptions{Before: before, BeforeFrames: list})
		if err != nil {
			t.Fatal(err)
		}
		lists[path] = c.Frames
		return path
	}
	first := capture("first", "", "")
	put(t, filepath.Join(dir, "d3", "f150"), []byte("one that was large"))
	put(t, filepath.Join(dir, "d1", "new"), bytes.Repeat([]byte("new"), 1000))
	alone := capture("alone", "", "")
	want, err := os.ReadFile(alone)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]func(b []byte) []byte{
		"as it was":         func(b []byte) []byte { return b },
		"damaged content":   func(b []byte) []byte { return damage(b, 100, len(b)/3, len(b)/2) },
		"cut off":           func(b []byte) []byte { return b[:len(b)-20] },
		"another version":   func(b []byte) []byte { return damage(b, len(b)-3) },
		"a list of lengths": func(b []byte) []byte { return damage(b, len(b)-listEnd-sha(1), len(b)-listEnd-sha(2)) },
		"too long a list":   func(b []byte) []byte { binary.LittleEndian.PutUint32(b[len(b)-listEnd:], 1<<31); return b },
		"of somebody else":  func(b []byte) []byte { return exchange(b, sha(2)+32, sha(4)+32) },
		"no archive":        func([]byte) []byte { return []byte("text") },
		"nothing":           func([]byte) []byte { return nil },
	}
	for name, change := range before {
		t.Run(name, func(t *testing.T) {
			old := filepath.Join(out, "old "+name)
			if err := os.WriteFile(old, change(bytes.Clone(text)), 0o644); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(capture("new "+name, old, lists[first])); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the archive is another one: %d bytes, want %d, %v", len(got), len(want), err)
			}
		})
	}
	was, is := openFrames(first, lists[first], 0), openFrames(alone, lists[alone], 0)
	defer was.close()
	defer is.close()
	same := 0
	for sum := range is.known {
		if len(was.reuse(sum, nil)) > 0 {
			same++
		}
	}
	if total := len(is.known); total < 8 || same < total-4 {
		t.Errorf("of %d frames %d are known from before", total, same)
	}
	if other := openFrames(first, lists[first], 1); other.known != nil {
		t.Error("frames of another level are taken")
	}
	if other := openFrames(first, lists[alone], 0); other.known != nil {
		t.Error("frames of another archive are taken")
	}
	if _, err := UnpackFile(t.Context(), alone, t.TempDir(), UnpackOptions{}); err != nil {
		t.Error(err)
	}
}

// sha is where the length of the nth frame from the end is noted, from the end of the list.
func sha(n int) int { return n*frameRecord - 32 }

func damage(b []byte, places ...int) []byte {
	for _, i := range places {
		b[i] ^= 0x55
	}
	return b
}

// exchange has two frames of an archive, as far from the end of its list, be each other's content.
func exchange(b []byte, x, y int) []byte {
	for i := range 32 {
		p, q := len(b)-listEnd-x+i, len(b)-listEnd-y+i
		b[p], b[q] = b[q], b[p]
	}
	return b
}

func FuzzFrames(f *testing.F) {
	good := &frames{level: '0'}
	good.note(&chunk{in: []byte("in"), out: []byte("out")})
	f.Add(append([]byte("out"), good.list()...))
	f.Add(good.list())
	f.Add([]byte(framesEnd + "0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(t.TempDir(), "archive")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var list []byte
		if end := len(b) - listEnd; end >= 0 {
			list = b[max(0, end-int(binary.LittleEndian.Uint32(b[end:]))):end]
		}
		fr := openFrames(name, listDigest(list), 0)
		defer fr.close()
		for sum, old := range fr.known {
			if old.at < 0 || old.at+int64(old.size) > int64(len(b)) {
				t.Errorf("a frame at %d with %d bytes of %d", old.at, old.size, len(b))
			}
			fr.reuse(sum, nil)
		}
	})
}
