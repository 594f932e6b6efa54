package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// medium is 300 KB of noise.
func medium() []byte {
	data := make([]byte, 300<<10)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(data)
	return data
}

func sumOf(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// web serves one file, and breaks connections.
type web struct {
	data    []byte
	cut     atomic.Int64 // bytes after which the next connection breaks; 0: none
	cuts    atomic.Int64 // connections that are still to break
	noRange bool
	etag    string
	mu      sync.Mutex
	ranges  []string
}

func (w *web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.ranges = append(w.ranges, r.Method+" "+r.Header.Get("Range"))
	w.mu.Unlock()
	if w.noRange {
		r.Header.Del("Range")
	}
	if w.etag != "" {
		rw.Header().Set("ETag", w.etag)
	}
	if w.cuts.Add(-1) >= 0 {
		rw = &cutting{rw, w.cut.Load()}
	}
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(w.data))
}

func (w *web) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.ranges)
}

// cutting breaks the connection after some bytes of the body.
type cutting struct {
	http.ResponseWriter
	left int64
}

func (c *cutting) Write(p []byte) (int, error) {
	if int64(len(p)) < c.left {
		c.left -= int64(len(p))
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// log keeps what is told.
type log struct {
	mu   sync.Mutex
	text strings.Builder
	done int64
}

func (l *log) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, format+"\n", args...)
}
func (l *log) Message(format string, args ...any) { l.Say(format, args...) }
func (l *log) Warn(format string, args ...any)    { l.Say(format, args...) }
func (l *log) Output() io.WriteCloser             { return nil }
func (l *log) Progress(string, int64) func(int64, bool) {
	return func(n int64, _ bool) { l.done += n }
}

type setup struct {
	*testing.T
	web *web
	srv *httptest.Server
	d   Downloader
	out *log
}

func newSetup(t *testing.T) *setup {
	w := &web{data: medium()}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	return &setup{t, w, srv, Downloader{Dir: filepath.Join(t.TempDir(), "downloads"), Pause: time.Millisecond, Stall: 20 * time.Second}, &log{}}
}

func (s *setup) fetch(sum string, urls ...string) (string, error) {
	if len(urls) == 0 {
		urls = []string{s.srv.URL + "/debian.iso"}
	}
	return s.d.Fetch(s.Context(), install.Medium{URLs: urls, Checksum: sum}, Options{Extension: "iso"}, s.out)
}

func (s *setup) want(file string, err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%v\n%s", err, s.out.text.String())
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, s.web.data) {
		s.Fatalf("%s: %v, %d bytes", file, err, len(got))
	}
	if left, _ := filepath.Glob(filepath.Join(s.d.Dir, "*.part")); len(left) > 0 {
		s.Errorf("left: %v", left)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	for range 2 {
		s.want(s.fetch(sumOf(s.web.data)))
	}
	if got := s.web.asked(); len(got) != 1 {
		t.Errorf("the server was asked %q", got)
	}
	if s.out.done != int64(len(s.web.data)) {
		t.Errorf("progress of %d bytes", s.out.done)
	}
	// One that has rotted meanwhile is not taken.
	files, _ := filepath.Glob(filepath.Join(s.d.Dir, "*.iso"))
	if len(files) != 1 || os.WriteFile(files[0], []byte("rot"), 0o600) != nil {
		t.Fatal(files)
	}
	s.want(s.fetch(sumOf(s.web.data)))
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	for _, noRange := range []bool{false, true} {
		s := newSetup(t)
		s.web.noRange = noRange
		s.web.etag = `"1"`
		s.web.cut.Store(100 << 10)
		s.web.cuts.Store(2)
		s.want(s.fetch(sumOf(s.web.data)))
		got := s.web.asked()
		if len(got) != 3 || !noRange && got[2] == "GET " {
			t.Errorf("noRange %v: asked %q", noRange, got)
		}
	}
}

func TestNeverArrives(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.web.cuts.Store(1000)
	s.web.cut.Store(1) // the header alone, then one byte each
	s.web.noRange = true
	if _, err := s.fetch(sumOf(s.web.data)); err == nil || len(s.web.asked()) > attempts+2 {
		t.Errorf("%v after %d requests", err, len(s.web.asked()))
	}
}

// TestResume: what a build before has left is not fetched again.
func TestResume(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	sum := sumOf(s.web.data)
	part := s.d.cached("", install.Checksum{Hex: strings.TrimPrefix(sum, "sha256:")}, "iso") + ".part"
	for name, there := range map[string][]byte{"half": s.web.data[:len(s.web.data)/2], "all": s.web.data, "more": append(medium(), 1), "of another": []byte("other")} {
		if err := errors.Join(os.RemoveAll(s.d.Dir), os.MkdirAll(s.d.Dir, 0o755), os.WriteFile(part, there, 0o600)); err != nil {
			t.Fatal(err)
		}
		before := len(s.web.asked())
		s.want(s.fetch(sum))
		asked := s.web.asked()[before:]
		if want := fmt.Sprintf("GET bytes=%d-", len(there)); asked[0] != want {
			t.Errorf("%s: asked %q, want %q", name, asked[0], want)
		}
	}
}

// TestTruncated: a build that is stopped leaves what has come, and the next goes on.
func TestTruncated(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.web.cut.Store(100 << 10)
	s.web.cuts.Store(1)
	ctx, cancel := context.WithCancel(t.Context())
	s.d.Pause = time.Hour
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_, err := s.d.Fetch(ctx, install.Medium{URL: s.srv.URL + "/x.iso", Checksum: sumOf(s.web.data)}, Options{}, telling{s.out, cancel})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped by %v", err)
		}
	}()
	<-stopped
	s.want(s.fetch(sumOf(s.web.data)))
	asked := s.web.asked()
	if last := asked[len(asked)-1]; last == "GET " {
		t.Errorf("fetched from the beginning: %q", asked)
	}
}

// telling cancels when a connection is told to have broken.
type telling struct {
	*log
	broke func()
}

func (l telling) Message(format string, args ...any) {
	if strings.Contains(format, "connection broke") {
		l.broke()
	}
}

func TestWrongDigest(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	_, err := s.fetch(sumOf([]byte("other")))
	var wrong *WrongSumError
	if !errors.As(err, &wrong) || "sha256:"+wrong.Found != sumOf(s.web.data) || !strings.Contains(err.Error(), s.srv.URL) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.d.Dir, "*")); len(left) > 0 {
		t.Errorf("kept: %v", left)
	}
}

func TestMirrors(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	other := httptest.NewServer(&web{data: []byte("something else")})
	defer other.Close()
	s.want(s.fetch(sumOf(s.web.data), gone.URL+"/x.iso", other.URL+"/x.iso", s.srv.URL+"/x.iso"))
	if said := s.out.text.String(); !strings.Contains(said, "404") || !strings.Contains(said, "must have") {
		t.Error(said)
	}
	_, err := s.fetch(sumOf(nil), gone.URL+"/x.iso", "s3://bucket/x.iso")
	if err == nil || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), `"s3" is no scheme`) {
		t.Error(err)
	}
}

func TestWithoutDigest(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.want(s.fetch("none"))
	s.want(s.fetch("none"))
	if got := s.web.asked(); !slices.Equal(got, []string{"GET ", "HEAD "}) {
		t.Errorf("asked %q", got)
	}
	s.web.data = append(s.web.data, 1)
	s.want(s.fetch("none"))
}

func TestLocal(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	file := filepath.Join(t.TempDir(), "x.iso")
	if err := os.WriteFile(file, s.web.data, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{file, "file://" + file} {
		got, err := s.fetch(sumOf(s.web.data), place)
		if got != file || err != nil {
			t.Errorf("%s: %s, %v", place, got, err)
		}
		if _, err := s.fetch(sumOf(nil), place); err == nil {
			t.Errorf("%s: a wrong digest is taken", place)
		}
	}
	if _, err := s.fetch(sumOf(nil), file+".missing"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error("the user's file is gone")
	}
}

// TestBuildsAtOnce: several builds that want the same fetch it once.
func TestBuildsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := s.d.Fetch(t.Context(), install.Medium{URL: s.srv.URL + "/x.iso", Checksum: sumOf(s.web.data)}, Options{}, &log{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := s.web.asked(); len(got) != 1 {
		t.Errorf("asked %q", got)
	}
}

// TestWaitsForAnother: it is told who is waited for.
func TestWaitsForAnother(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	sum := sumOf(s.web.data)
	part := s.d.cached("", install.Checksum{Hex: strings.TrimPrefix(sum, "sha256:")}, "iso") + ".part"
	if err := os.MkdirAll(s.d.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	other, err := openPart(t.Context(), part, s.out)
	if err != nil {
		t.Fatal(err)
	}
	s.want(s.d.Fetch(t.Context(), install.Medium{URL: s.srv.URL + "/x.iso", Checksum: sum}, Options{}, waiting{s.out, other}))
}

// waiting lets the other one go when it is waited for.
type waiting struct {
	*log
	other io.Closer
}

func (l waiting) Message(format string, args ...any) {
	if strings.Contains(format, "another build") {
		_ = l.other.Close()
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	to := filepath.Join(t.TempDir(), "sub", "mine.iso")
	got, err := s.d.Fetch(t.Context(), install.Medium{URL: s.srv.URL + "/x", Checksum: sumOf(s.web.data)}, Options{Target: to}, s.out)
	s.want(got, err)
	if got != to {
		t.Errorf("at %s", got)
	}
}

func TestFindSum(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for name, tt := range map[string]struct{ list, medium, want, err string }{
		"gnu":         {a + "  debian.iso\n" + b + "  other.iso\n", "https://h/p/debian.iso", a, ""},
		"binary":      {b + " *other.iso\n" + a + " *debian.iso", "debian.iso", a, ""},
		"bsd":         {"SHA256 (debian.iso) = " + a, "/isos/debian.iso", a, ""},
		"path":        {b + "  ./old/debian.iso\n" + a + "  ./new/debian.iso", "http://h/new/debian.iso?x=y", a, ""},
		"alone":       {a + "\n", "http://h/any", a, ""},
		"upper case":  {strings.ToUpper(a) + "  x.iso", "x.iso", a, ""},
		"signed":      {"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + a + "  x.iso\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n", "x.iso", a, ""},
		"not there":   {a + "  other.iso", "x.iso", "", "has none of x.iso"},
		"several":     {a + "\n" + b, "x.iso", "", "has none of x.iso"},
		"not a list":  {"<html>not found</html>", "x.iso", "", "has none"},
		"no digest":   {"none  x.iso", "x.iso", "", "has none"},
		"empty":       {"", "x.iso", "", "has none"},
		"half a name": {a + "  my-x.iso", "x.iso", "", "has none"},
	} {
		got, err := findSum([]byte(tt.list), tt.medium)
		if got.Hex != tt.want || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestListedDigest(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	list := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s  debian.iso\n", strings.TrimPrefix(sumOf(s.web.data), "sha256:"))
	}))
	defer list.Close()
	s.want(s.fetch("file:" + list.URL + "/SHA256SUMS"))
	if _, err := s.fetch("file:"+list.URL+"/SHA256SUMS", s.srv.URL+"/ubuntu.iso"); err == nil || !strings.Contains(err.Error(), "none of ubuntu.iso") {
		t.Error(err)
	}
	sum, err := s.d.Sum(t.Context(), install.Medium{URL: s.srv.URL + "/debian.iso", Checksum: "file:" + list.URL})
	if err != nil || sum.Type+":"+sum.Hex != sumOf(s.web.data) {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	place := strings.Replace(s.srv.URL, "http://", "http://me:hidden@", 1) + "/x.iso"
	_, err := s.fetch(sumOf(nil), place)
	if err == nil || strings.Contains(err.Error()+s.out.text.String(), "hidden") {
		t.Errorf("%v\n%s", err, s.out.text.String())
	}
}

func FuzzFindSum(f *testing.F) {
	f.Add([]byte(strings.Repeat("a", 64)+"  x.iso\n"), "x.iso")
	f.Add([]byte("MD5 (a/x.iso) = "+strings.Repeat("0", 32)), "http://h/a/x.iso")
	f.Fuzz(func(t *testing.T, list []byte, medium string) {
		sum, err := findSum(list, medium)
		if (err == nil) == sum.None() || sum.File != "" {
			t.Errorf("%+v, %v", sum, err)
		}
	})
}
