package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// screen is a machine.Log that keeps what it is told.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
	// on, if set, sees each piece of output.
	on func(string)
}

func (s *screen) Say(format string, args ...any)     {}
func (s *screen) Message(format string, args ...any) {}
func (s *screen) Warn(format string, args ...any)    {}
func (s *screen) Output() io.WriteCloser             { return s }
func (s *screen) Close() error                       { return nil }
func (s *screen) Progress(string, int64) func(int64, bool) {
	return func(int64, bool) {}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	if s.on != nil {
		s.on(s.text.String())
	}
	return len(p), nil
}

// repository makes an unsigned package source with one tiny package.
func repository(t *testing.T) (source string) {
	t.Helper()
	for _, p := range []string{"mmdebstrap", "dpkg-deb", "unshare"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is missing: apt-get install --no-install-recommends mmdebstrap util-linux dpkg", p)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("root is missing: mmdebstrap runs in mode root here")
	}
	dir := t.TempDir()
	// apt drops its rights and must still reach the files.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	pkg := filepath.Join(dir, "pkg")
	write(t, filepath.Join(pkg, "DEBIAN/control"), "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: tiny\n", 0o644)
	write(t, filepath.Join(pkg, "etc/tiny"), "tiny\n", 0o644)
	dist := filepath.Join(dir, "dists/stable/main/binary-amd64")
	arch, _ := exec.Command("dpkg", "--print-architecture").Output()
	dist = strings.Replace(dist, "amd64", strings.TrimSpace(string(arch)), 1)
	if err := os.MkdirAll(dist, 0o755); err != nil {
		t.Fatal(err)
	}
	deb := filepath.Join(dir, "tiny.deb")
	if out, err := exec.Command("dpkg-deb", "--root-owner-group", "-b", pkg, deb).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sum, err := fileDigest(t.Context(), deb)
	if err != nil {
		t.Fatal(err)
	}
	st, _ := os.Stat(deb)
	packages := fmt.Sprintf("Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: tiny\nFilename: tiny.deb\nSize: %d\nSHA256: %s\n",
		st.Size(), strings.TrimPrefix(string(sum), "sha256:"))
	write(t, filepath.Join(dist, "Packages"), packages, 0o644)
	psum, _ := fileDigest(t.Context(), filepath.Join(dist, "Packages"))
	rel, _ := filepath.Rel(filepath.Join(dir, "dists/stable"), filepath.Join(dist, "Packages"))
	write(t, filepath.Join(dir, "dists/stable/Release"), fmt.Sprintf(
		"Suite: stable\nCodename: stable\nArchitectures: %s\nComponents: main\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n %s %d %s\n",
		strings.TrimSpace(string(arch)), strings.TrimPrefix(string(psum), "sha256:"), len(packages), rel), 0o644)
	return "deb [trusted=yes] copy:" + dir + " stable main"
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	source := repository(t)
	dir := filepath.Join(t.TempDir(), "root")
	var log screen
	o := BootstrapOptions{Suite: "stable", Mirror: source, Variant: "extract", Packages: []string{"tiny"}}
	if err := Bootstrap(t.Context(), dir, o, &log); err != nil {
		t.Fatalf("%v\n%s", err, log.text.String())
	}
	if b, err := os.ReadFile(filepath.Join(dir, "etc/tiny")); err != nil || string(b) != "tiny\n" {
		t.Errorf("the package is not there: %q %v", b, err)
	}
	for _, f := range []string{"etc/resolv.conf", "etc/hostname"} {
		if _, err := os.Lstat(filepath.Join(dir, f)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the host's %s is in the tree", f)
		}
	}
	if !strings.Contains(log.text.String(), "apt-get update") {
		t.Errorf("the output was not passed on: %q", log.text.String())
	}
	if d, err := Resolve(t.Context(), "stable", source, ""); err != nil || !strings.HasPrefix(string(d), "sha256:") {
		t.Errorf("Resolve: %q, %v", d, err)
	}
}

func TestBootstrapErrors(t *testing.T) {
	t.Parallel()
	source := repository(t)
	for name, c := range map[string]struct {
		o    BootstrapOptions
		want string
	}{
		"unknown package": {BootstrapOptions{Suite: "stable", Mirror: source, Variant: "extract", Packages: []string{"nosuch"}}, "no package nosuch"},
		"unknown suite":   {BootstrapOptions{Suite: "nosuch", Mirror: strings.NewReplacer(" stable ", " nosuch ", "[trusted=yes] ", "").Replace(source), Variant: "extract"}, "no such suite"},
		"bad suite":       {BootstrapOptions{Suite: "--mode=root"}, "no name of a suite"},
		"bad package":     {BootstrapOptions{Suite: "stable", Mirror: source, Packages: []string{"-oX=y"}}, "no name of a package"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log screen
			err := Bootstrap(t.Context(), filepath.Join(t.TempDir(), "root"), c.o, &log)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q\n%s", err, c.want, log.text.String())
			}
		})
	}
}

// What apt prints, and what is made of it.
func TestBootstrapDiagnose(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"Err:1 http://127.0.0.1:9/debian x InRelease\n  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111: Connection refused)\n" +
			"E: Failed to fetch http://127.0.0.1:9/debian/dists/x/InRelease  Could not connect to 127.0.0.1:9\nE: mmdebstrap failed to run\n": "the mirror cannot be reached (127.0.0.1:9)",
		"  Could not resolve 'nosuch.invalid'\nE: Failed to fetch http://nosuch.invalid/x\n":             "the mirror cannot be reached (nosuch.invalid)",
		"E: The repository 'http://m.example.org/debian nosuch Release' does not have a Release file.\n": "no such suite (http://m.example.org/debian nosuch)",
		"E: Unable to locate package nosuchpkg\nE: setup failed\n":                                       "there is no package nosuchpkg",
		"dpkg: error: failed to write: No space left on device\nE: Unable to locate package x\n":         "no space is left",
		"W: GPG error: http://x y InRelease: ... NO_PUBKEY 0123456789ABCDEF\nE: The repository is not\n": "signature cannot be verified",
		"I: fine\nE: first reason\nE: second\n":                                                          "mmdebstrap: first reason",
		"":                                                                                               "mmdebstrap: exit status 25",
	} {
		var o BootstrapOptions
		if got := o.diagnose(output, errors.New("exit status 25")).Error(); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", output, got, want)
		}
	}
}

func TestBootstrapCancel(t *testing.T) {
	t.Parallel()
	source := repository(t)
	// A mirror that never answers holds apt in the middle of its work.
	asked := make(chan struct{})
	var once sync.Once
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(asked) })
		<-r.Context().Done()
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	dir := filepath.Join(t.TempDir(), "root")
	err := Bootstrap(ctx, dir, BootstrapOptions{
		Suite: "stable", Variant: "extract", Env: []string{"http_proxy=", "no_proxy=*"},
		Mirror: source + "\ndeb [trusted=yes] " + srv.URL + " stable main",
	}, &screen{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if left := processesNaming(t, dir); left != "" {
		t.Errorf("still running: %s", left)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), dir) {
		t.Errorf("still mounted: %s", mounts)
	}
}

// processesNaming lists processes whose command line holds s.
func processesNaming(t *testing.T, s string) string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.Contains(string(b), s) {
			found = append(found, strings.ReplaceAll(string(b), "\x00", " "))
		}
	}
	return strings.Join(found, "\n")
}

// closedPort returns a loopback address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestBootstrapEnvironment: packages see nothing of the host but the way out.
func TestBootstrapEnvironment(t *testing.T) {
	t.Setenv("CLOUD_SECRET_KEY", "secret")
	t.Setenv("DPKG_ROOT", "/elsewhere")
	t.Setenv("https_proxy", "http://proxy.example:3128")
	t.Setenv("NO_PROXY", "localhost")
	o := BootstrapOptions{Env: []string{"http_proxy=http://other.example:1"}}
	env := strings.Join(o.env(t.Context()), "\n") + "\n"
	for _, want := range []string{"https_proxy=http://proxy.example:3128\n", "NO_PROXY=localhost\n", "http_proxy=http://other.example:1\n", "PATH="} {
		if !strings.Contains(env, want) {
			t.Errorf("%q is not in the environment", want)
		}
	}
	for _, never := range []string{"secret", "DPKG_ROOT"} {
		if strings.Contains(env, never) {
			t.Errorf("%q is in the environment", never)
		}
	}
}
