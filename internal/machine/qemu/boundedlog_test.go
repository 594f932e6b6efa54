package qemu

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBoundedLog: of what is written in pieces of any size the beginning and the end stay,
// in whole lines.
func TestBoundedLog(t *testing.T) {
	t.Parallel()
	var all bytes.Buffer
	for i := range 10000 {
		fmt.Fprintf(&all, "line %d\n", i)
	}
	for _, piece := range []int{1, 7, 1000, 5000, 1 << 20} {
		file := filepath.Join(t.TempDir(), "log")
		l, err := createLog(file, 4096)
		if err != nil {
			t.Fatal(err)
		}
		for rest := all.Bytes(); len(rest) > 0; {
			n, err := l.Write(rest[:min(piece, len(rest))])
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil || len(text) > 4096 || !bytes.HasPrefix(text, all.Bytes()[:1024]) || !bytes.HasSuffix(text, all.Bytes()[all.Len()-1000:]) {
			t.Fatalf("pieces of %d: %d bytes, %v", piece, len(text), err)
		}
		before, after, found := strings.Cut(string(text), "\n[")
		n, rest, _ := strings.Cut(after, " bytes are left out here]\n")
		if want := fmt.Sprint(all.Len() - len(before) - len(rest)); !found || n != want || !strings.HasPrefix(rest, "line ") {
			t.Errorf("pieces of %d: %q left out, want %s; then %.20q", piece, n, want, rest)
		}
	}
}

func TestShortLogIsWhole(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "log")
	l, err := createLog(file, 20)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		_, _ = l.Write([]byte("abc\n"))
	}
	if text, err := os.ReadFile(file); string(text) != strings.Repeat("abc\n", 5) || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
}
