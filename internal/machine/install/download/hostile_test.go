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
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// TestRedirects: a server leads neither round in circles nor to files of this host.
func TestRedirects(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	for to, want := range map[string]string{"/circle": "10 redirects", "file:///etc/passwd": `unsupported protocol scheme "file"`} {
		srv := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
		defer srv.Close()
		for _, sum := range []string{"none", sumOf(nil), "file:" + srv.URL + "/SHA256SUMS"} {
			if file, err := s.fetch(sum, srv.URL+"/x.iso"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("to %s with %s: %s, %v", to, sum, file, err)
			}
		}
	}
}

// TestStandstill: a server that does not answer holds up neither a medium that is here
// nor its first download.
func TestStandstill(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(over)
	s.d.Stall = 20 * time.Millisecond
	place := srv.URL + "/x.iso"
	if _, err := s.fetch("none", place); err == nil || !strings.Contains(err.Error(), "nothing came for 20ms") {
		t.Errorf("the download ends with %v", err)
	}
	file := s.d.cached(place, install.Checksum{}, "iso")
	if err := os.WriteFile(file, s.web.data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.want(s.fetch("none", place))
}

// TestStopped: reading a medium that is here ends with the build.
func TestStopped(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	file := filepath.Join(t.TempDir(), "x.iso")
	if err := os.WriteFile(file, s.web.data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.d.Fetch(ctx, install.Medium{URL: file, Checksum: sumOf(s.web.data)}, Options{}, s.out); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped build takes it: %v", err)
	}
}
