package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A full disk is the one of the file that found no room.
func TestWhichDiskIsFull(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	r := &runner{Plan: &Plan{kit: Kit{Images: filepath.Join(home, "images")}}}
	if full(home) {
		t.Skip("the disk of the temporary directory is full")
	}
	other := errors.New("other")
	at := func(path string, err error) error { return &fs.PathError{Op: "write", Path: path, Err: err} }
	for _, tt := range []struct {
		err  error
		want string // "" for no word of a full disk
	}{
		{other, ""},
		{at("/proc/x", os.ErrPermission), ""},
		{fmt.Errorf("pack: %w", errors.Join(at("/x", other), at("/proc/none/x", unix.ENOSPC))), "the disk of /proc is full: make room there"},
		{&os.LinkError{Op: "rename", Old: home, New: "/proc/x", Err: unix.EDQUOT}, "the disk of /proc is full: make room there"},
		{at(filepath.Join(home, "layers/x"), unix.ENOSPC), "the disk of " + home + " is full: make room there, for example with proofmark cache prune --all"},
		{fmt.Errorf("a program: %w", unix.ENOSPC), "the disk of " + home + " is full: make room there, for example with proofmark cache prune --all"},
	} {
		got := r.noRoom(tt.err)
		if !errors.Is(got, tt.err) {
			t.Errorf("%v became %v", tt.err, got)
		}
		if _, said, _ := strings.Cut(got.Error(), tt.err.Error()); strings.TrimSpace(said) != tt.want {
			t.Errorf("%v: said %q, want %q", tt.err, said, tt.want)
		}
		if again := r.noRoom(got); again != got && tt.want != "" {
			t.Errorf("%v was said twice", tt.err)
		}
	}
}
