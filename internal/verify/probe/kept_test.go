package probe

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "database")
	later := time.Now().Add(time.Minute)
	var k kept[string]
	reads := 0
	get := func(now time.Time) string {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		text, err := k.get([]*os.File{f}, now, func() (string, error) {
			reads++
			b, err := io.ReadAll(f)
			return string(b), err
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	replace := func(text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	written := time.Now()
	replace("one")
	for range 3 { // written this very moment: it may be written again without a trace
		if got := get(written); got != "one" {
			t.Errorf("got %q", got)
		}
	}
	if reads != 3 {
		t.Errorf("a file that has just been written was read %d times of 3", reads)
	}
	for range 3 {
		if got := get(later); got != "one" {
			t.Errorf("got %q", got)
		}
	}
	if reads != 4 {
		t.Errorf("%d reads, and 4 are enough", reads)
	}
	written = time.Now()
	replace("two") // of the same size
	if got := get(later); got != "two" {
		t.Errorf("after a change: %q", got)
	}
	if got := get(written); got != "two" || reads != 6 {
		t.Errorf("got %q after %d reads", got, reads)
	}
}
