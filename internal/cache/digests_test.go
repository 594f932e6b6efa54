package cache

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// largeAt makes a file large enough to be remembered.
func largeAt(t *testing.T, content byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path, bytes.Repeat([]byte{content}, largeFile), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// addFile returns the key of a hash with the one file.
func addFile(t *testing.T, s *Store, path string) Key {
	t.Helper()
	h := s.Hash("", "test")
	if err := h.AddFile("archive", path); err != nil {
		t.Fatal(err)
	}
	return h.Key()
}

// plant makes the store believe that a file holds something else.
func plant(t *testing.T, s *Store, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stamp, err := stampOf(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]fileDigest{path: {stamp, "sha256:planted"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.digests.path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tick returns when the clock of the file system has gone on, which may take some
// milliseconds: until then a change leaves the times as they are.
func tick(t *testing.T) {
	t.Helper()
	clock := filepath.Join(t.TempDir(), "clock")
	var begin time.Time
	for {
		if err := os.WriteFile(clock, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		fi, err := os.Stat(clock)
		if err != nil {
			t.Fatal(err)
		}
		if begin.IsZero() {
			begin = fi.ModTime()
		}
		if fi.ModTime().After(begin) {
			return
		}
		if err := os.Remove(clock); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDigestIsRemembered plants a false digest to see whether the file is read.
func TestDigestIsRemembered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(path string) error
		read   bool
	}{
		{"unchanged", func(string) error { return nil }, false},
		{"touched", func(path string) error { now := time.Now(); return os.Chtimes(path, now, now) }, true},
		{"written, times set back", func(path string) error {
			fi, err := os.Stat(path)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, bytes.Repeat([]byte{'b'}, largeFile), 0o600); err != nil {
				return err
			}
			return os.Chtimes(path, fi.ModTime(), fi.ModTime())
		}, true},
		{"replaced", func(path string) error {
			if err := os.WriteFile(path+"2", bytes.Repeat([]byte{'b'}, largeFile), 0o600); err != nil {
				return err
			}
			return os.Rename(path+"2", path)
		}, true},
		{"mode", func(path string) error { return os.Chmod(path, 0o640) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir, path := t.TempDir(), largeAt(t, 'a')
			first := open(t, dir, Options{})
			plant(t, first, path)
			planted := addFile(t, first, path)
			tick(t)
			if err := tt.change(path); err != nil {
				t.Fatal(err)
			}
			fresh := NewHash("", "test", nil)
			if err := fresh.AddFile("archive", path); err != nil {
				t.Fatal(err)
			}
			got := addFile(t, open(t, dir, Options{}), path)
			if read := got == fresh.Key(); read != tt.read {
				t.Errorf("the file was read: %v, want %v", read, tt.read)
			}
			if !tt.read && got != planted {
				t.Error("two hashes of one file differ")
			}
		})
	}
}

// TestDigestsAreStoredByCommits goes the whole way: noted by one store, found by
// the next one, and nothing written by looking.
func TestDigestsAreStoredByCommits(t *testing.T) {
	t.Parallel()
	dir, path := t.TempDir(), largeAt(t, 'a')
	s := open(t, dir, Options{})
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	stamp, err := stampOf(f)
	if err != nil {
		t.Fatal(err)
	}
	changed := time.Unix(0, stamp.Changed)
	s.digests.note(path, stamp, "sha256:early", changed.Add(settled-time.Millisecond))
	if _, ok := s.digests.find(path, stamp); ok {
		t.Error("the digest of a file that may be changing is remembered")
	}
	s.digests.note(path, stamp, "sha256:it", changed.Add(settled))
	gone := filepath.Join(t.TempDir(), "gone")
	s.digests.note(gone, stamp, "sha256:gone", changed.Add(settled))
	if _, err := os.Stat(s.digests.path); err == nil {
		t.Error("a note alone has written")
	}
	keep := func(s *Store, n string) {
		t.Helper()
		if ok, err := s.Commit(Entry{Key: s.Hash("", n).Key(), Kind: "test", Ref: n}); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	keep(s, "one")
	next := open(t, dir, Options{})
	if d, ok := next.digests.find(path, stamp); !ok || d != "sha256:it" {
		t.Errorf("found %q, %v", d, ok)
	}
	// What is gone goes with the next file that is noted.
	next.digests.note(path, stamp, "sha256:it", changed.Add(settled))
	keep(next, "two")
	if _, ok := open(t, dir, Options{}).digests.find(gone, stamp); ok {
		t.Error("the digest of a file that is gone stays")
	}
}

func TestDigestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	path := largeAt(t, 'a')
	want := NewHash("", "test", nil)
	if err := want.AddFile("archive", path); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "null", "[]", "{", `{"` + path + `":{"stamp":{},"digest":"x"}}`} {
		s := open(t, t.TempDir(), Options{})
		if err := os.WriteFile(s.digests.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := addFile(t, s, path); got != want.Key() {
			t.Errorf("%q: another key", text)
		}
	}
}
