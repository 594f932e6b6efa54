package report_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/verify/report"
)

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "r.xml")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("r.xml", link); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{path, path, link} {
		if err := report.Writable(to); err != nil {
			t.Fatal(err)
		}
		if err := report.WriteFile(to, []byte(to)); err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != to {
			t.Errorf("%q, %v", text, err)
		}
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteFile(path, nil); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode() != 0o640 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	if got := names(t, dir); got != "link r.xml" {
		t.Errorf("files: %s", got)
	}
}

// A device or a pipe is written to: replacing /dev/null would be the end of it.
func TestWriteFileInPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Skipf("needs named pipes: %v", err)
	}
	got := make(chan string)
	go func() {
		f, err := os.Open(pipe)
		if err != nil {
			got <- err.Error()
			return
		}
		defer f.Close()
		text, _ := io.ReadAll(f)
		got <- string(text)
	}()
	if err := report.WriteFile(pipe, []byte("through")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "through" {
		t.Errorf("read %q", s)
	}
	if got := names(t, dir); got != "pipe" {
		t.Errorf("files: %s", got)
	}
	if err := report.WriteFile("/dev/full", []byte("x")); err == nil {
		t.Error("a full device is no error")
	}
}

func TestWriteFileRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                           "is a directory",
		filepath.Join(dir, "no/r"):    "no such file or directory",
		filepath.Join(file, "r.json"): "not a directory",
	} {
		if err := report.Writable(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Writable %s: %v, want %s", path, err, want)
		}
		if err := report.WriteFile(path, nil); err == nil {
			t.Errorf("WriteFile %s: no error", path)
		}
	}
	if got := names(t, dir); got != "file" {
		t.Errorf("files: %s", got)
	}
}
