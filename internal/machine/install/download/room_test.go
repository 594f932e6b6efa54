package download

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// smallDisk has the downloads on a file system of 8 MiB.
func (s *setup) smallDisk() {
	s.Helper()
	if err := os.MkdirAll(s.d.Dir, 0o755); err != nil {
		s.Fatal(err)
	}
	if err := unix.Mount("tmpfs", s.d.Dir, "tmpfs", 0, "size=8m"); err != nil {
		s.Skipf("needs to mount a file system: %v", err)
	}
	s.Cleanup(func() {
		if err := unix.Unmount(s.d.Dir, unix.MNT_DETACH); err != nil {
			s.Error(err)
		}
	})
	s.d.Spare = 2 << 20
}

// parts are the files that are there, and their size.
func (s *setup) parts() (names []string, size int64) {
	s.Helper()
	all, err := os.ReadDir(s.d.Dir)
	if err != nil {
		s.Fatal(err)
	}
	for _, e := range all {
		fi, err := e.Info()
		if err != nil {
			s.Fatal(err)
		}
		names, size = append(names, e.Name()), size+fi.Size()
	}
	return names, size
}

// endless sends without end, and without saying how much.
func endless() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for some := make([]byte, 64<<10); r.Context().Err() == nil; {
			if _, err := w.Write(some); err != nil {
				return
			}
		}
	})
}

// TestEndless: a server that sends for ever does not fill the disk, and nothing of it stays.
func TestEndless(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(endless())
	defer srv.Close()
	for _, sum := range []string{"none", sumOf(nil)} {
		s := newSetup(t)
		s.smallDisk()
		_, err := s.fetch(sum, srv.URL+"/x.iso")
		var place *output.PlaceError
		if !errors.As(err, &place) || place.Dir != s.d.Dir || !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "no space left on device in "+s.d.Dir) {
			t.Errorf("with %s: %v", sum, err)
		}
		if names, _ := s.parts(); len(names) > 0 {
			t.Errorf("with %s: left %q", sum, names)
		}
	}
}

// TestEndlessIsStopped: a download that does not end by itself ends with the build.
func TestEndlessIsStopped(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(endless())
	defer srv.Close()
	s := newSetup(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.d.Fetch(ctx, install.Medium{URL: srv.URL + "/x.iso", Checksum: "none"}, Options{}, stopping{s.out, cancel})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if names, _ := s.parts(); len(names) > 0 {
		t.Errorf("left %q, from which nothing goes on", names)
	}
}

// stopping cancels when something has come.
type stopping struct {
	*log
	stop func()
}

func (l stopping) Progress(string, int64) func(int64, bool) {
	return func(n int64, _ bool) {
		if n > 0 {
			l.stop()
		}
	}
}

// TestTooLarge: what does not fit is not begun. What had come before stays.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.smallDisk()
	s.web.data = make([]byte, 7<<20)
	sum := sumOf(s.web.data)
	if _, err := s.fetch(sum); !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "7 MB are to come") {
		t.Error(err)
	}
	if _, size := s.parts(); size > 0 {
		t.Errorf("%d bytes are there", size)
	}
	part := s.d.cached("", install.Checksum{Hex: strings.TrimPrefix(sum, "sha256:")}, "iso") + ".part"
	if err := os.WriteFile(part, s.web.data[:1<<20], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.fetch(sum); !errors.Is(err, unix.ENOSPC) {
		t.Error(err)
	}
	if _, size := s.parts(); size != 1<<20 {
		t.Errorf("of what had come %d bytes are there", size)
	}
}

// TestDiskFills: what has come before somebody else filled the disk is gone on from.
func TestDiskFills(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.smallDisk()
	s.web.data = make([]byte, 5<<20)
	other := filepath.Join(s.d.Dir, "other")
	filled := false
	out := filling{s.out, func(n int64) {
		if !filled && n > 0 {
			filled = true
			if err := os.WriteFile(other, make([]byte, 4<<20), 0o600); err != nil {
				t.Error(err)
			}
		}
	}}
	m := install.Medium{URL: s.srv.URL + "/x.iso", Checksum: sumOf(s.web.data)}
	if _, err := s.d.Fetch(t.Context(), m, Options{}, out); !errors.Is(err, unix.ENOSPC) {
		t.Error(err)
	}
	_, size := s.parts()
	if size -= 4 << 20; size <= 0 || size > 3<<20 {
		t.Errorf("%d bytes have come", size)
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	s.want(s.d.Fetch(t.Context(), m, Options{}, s.out))
	if asked := s.web.asked(); asked[len(asked)-1] == "GET " {
		t.Errorf("fetched from the beginning: %q", asked)
	}
}

// filling tells of each piece that has come.
type filling struct {
	*log
	came func(n int64)
}

func (l filling) Progress(string, int64) func(int64, bool) {
	return func(n int64, _ bool) { l.came(n) }
}
