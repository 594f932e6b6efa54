//go:build linux

package ledger_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a tmpfs of 256 KiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small tmpfs")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("needs to mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func fill(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "filler")
	err := os.WriteFile(name, make([]byte, 1<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("disk does not fill up: %v", err)
	}
	return name
}

func TestFullDiskStopsMakingButNotDestroying(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	dir := filepath.Join(disk, "ledger")
	y := newToys(t)
	l := open(t, dir)
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, "a", "b", "c")
	fill(t, disk)

	// What is begun can be finished: room for it was set aside.
	if err := errors.Join(s.Destroy(t.Context(), ids[1]), s.Keep(ids[2])); err != nil {
		t.Fatal(err)
	}
	made := len(ids)
	for ; made < 1000; made++ {
		called := false
		_, err := s.Create(t.Context(), y.class("a"), func(ctx context.Context, tag string) (string, error) {
			called = true
			return y.create("a")(ctx, tag)
		})
		if err == nil {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) || called {
			t.Errorf("err = %v, made = %v; want a full disk before anything is made", err, called)
		}
		break
	}
	if made == 1000 {
		t.Fatal("the disk was never full")
	}
	if err := errors.Join(s.Close(t.Context()), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := y.left(t); !slices.Equal(got, []string{"c"}) {
		t.Errorf("left = %v", got)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("ledger holds %v", got)
	}
}

func TestRoomForWhatFollowsAnIntentIsSetAside(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	y := newToys(t)
	l := open(t, disk)
	s := l.Scope("run", "toy", nil)
	ids := y.make(t, s, slices.Repeat([]string{"a"}, 100)...)
	fill(t, disk)
	if err := s.KeepUntil(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := s.Keep(id); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReapOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	y := newToys(t)
	var classes []string
	for range 40 {
		classes = append(classes, "a", "b")
	}
	y.abandon(t, disk, classes...)
	fill(t, disk)
	if err := open(t, disk).Reap(t.Context(), y.kinds("a", "b"), nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := append(y.left(t), files(t, disk)...); !slices.Equal(got, []string{"filler"}) {
		t.Errorf("left = %v", got)
	}
}

func TestFirstCreateOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	y := newToys(t)
	filler := fill(t, disk)
	l := open(t, disk)
	s := l.Scope("run", "toy", nil)
	_, err := s.Create(t.Context(), y.class("a"), y.create("a"))
	if !errors.Is(err, syscall.ENOSPC) || len(y.left(t)) != 0 {
		t.Fatalf("err = %v, left %v", err, y.left(t))
	}
	os.Remove(filler)
	if _, err := s.Create(t.Context(), y.class("a"), y.create("a")); err == nil || !strings.Contains(err.Error(), "earlier failure") {
		t.Errorf("a ledger that has failed goes on writing: %v", err)
	}
	if err := errors.Join(s.Close(t.Context()), l.Close()); err != nil {
		t.Fatal(err)
	}
	if got := files(t, disk); len(got) != 0 {
		t.Errorf("ledger holds %v", got)
	}
}
