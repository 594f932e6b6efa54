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

	"github.com/proofmark-build/proofmark/internal/ledger/output"
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
	in := func(dir string, err error) error { return &output.PlaceError{Dir: dir, Err: err} }
	atHome := "the disk of " + home + " is full: make room there, for example with proofmark cache prune --all"
	for _, tt := range []struct {
		err  error
		want string // "" for no word of a full disk
	}{
		{other, ""},
		{in("/proc", os.ErrPermission), ""},
		{fmt.Errorf("pack: %w", errors.Join(other, in("/proc", unix.ENOSPC))), "the disk of /proc is full: make room there"},
		{in("/proc/new/dir", unix.EDQUOT), "the disk of /proc/new/dir is full: make room there"},
		{in(filepath.Join(home, "out"), unix.ENOSPC), atHome},
		{&fs.PathError{Op: "write", Path: "/proc/in/a/machine", Err: unix.ENOSPC}, atHome},
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
