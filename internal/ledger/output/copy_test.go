package output

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// sparse makes a file of 8 MiB with a word after a hole, and one before the last hole.
func sparse(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, mode)
	if err == nil {
		err = f.Truncate(8 << 20)
	}
	for _, at := range []int64{1 << 20, 4<<20 + 5} {
		if err == nil {
			_, err = f.WriteAt([]byte("a word"), at)
		}
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func blocks(t *testing.T, path string) int64 {
	t.Helper()
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fi.Sys().(*syscall.Stat_t).Blocks
}

func TestCopyKeepsHoles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	sparse(t, from, 0o640)
	if blocks(t, from) > 1000 {
		t.Skip("needs a file system with holes")
	}
	if err := Copy(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(from)
	got, err2 := os.ReadFile(to)
	if err := errors.Join(err, err2); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("the copy differs, %v", err)
	}
	if n := blocks(t, to); n > blocks(t, from)+16 {
		t.Errorf("the copy takes %d blocks, and the file %d", n, blocks(t, from))
	}
	if fi, err := os.Stat(to); err != nil || fi.Mode() != 0o640 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if err := Copy(t.Context(), from, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
}

func TestCopyEndsWithContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from := filepath.Join(dir, "from")
	sparse(t, from, 0o600)
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := Copy(ctx, from, filepath.Join(dir, "to")); !errors.Is(err, gone) {
		t.Error(err)
	}
}
