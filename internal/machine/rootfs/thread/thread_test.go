package thread

import (
	"errors"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDo: what is done to the thread is done to no other, and never to the main one.
func TestDo(t *testing.T) {
	t.Parallel()
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	boom, dir := errors.New("boom"), t.TempDir()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			err := Do(func() error {
				if unix.Gettid() == unix.Getpid() {
					t.Error("runs on the main thread")
				}
				if err := unix.Unshare(unix.CLONE_FS); err != nil {
					return err
				}
				return errors.Join(unix.Chdir(dir), boom)
			})
			if !errors.Is(err, boom) {
				t.Errorf("err = %v", err)
			}
		})
	}
	wg.Wait()
	var now string
	if err := Do(func() (err error) { now, err = unix.Getwd(); return err }); err != nil || now != before {
		t.Errorf("another thread is in %s, %v, want %s", now, err, before)
	}
}
