package install

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files makes a directory with a few files.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := errors.Join(os.MkdirAll(filepath.Join(dir, "conf", "deep"), 0o755), os.WriteFile(filepath.Join(dir, "a.txt"), []byte("a"), 0o644),
		os.WriteFile(filepath.Join(dir, "b.txt"), []byte("b"), 0o600), os.WriteFile(filepath.Join(dir, "conf", "deep", "c with a long name.conf"), []byte("c"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// output of a program, line by line, sorted.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %q: %v", name, args, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestCD(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xorriso"); err != nil {
		t.Skip("needs xorriso: install xorriso")
	}
	dir := files(t)
	iso := filepath.Join(t.TempDir(), "cd.iso")
	c := CD{Files: []string{dir + "/*.txt", dir + "/conf", dir + "/conf/", dir + "/nothing*"}, Content: map[string]string{"meta-data": "", "/x/../../user-data": "#cloud-config"}, Label: "cidata"}
	if err := c.Make(t.Context(), iso); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{"'/'", "'/a.txt'", "'/b.txt'", "'/conf'", "'/conf/deep'", "'/conf/deep/c with a long name.conf'", "'/deep'", "'/deep/c with a long name.conf'", "'/meta-data'", "'/user-data'"}, "\n")
	if got := output(t, "xorriso", "-indev", "stdio:"+iso, "-find", "/"); got != want {
		t.Errorf("the CD holds\n%s\nwant\n%s", got, want)
	}
	head, err := os.ReadFile(iso)
	if err != nil || !strings.HasPrefix(string(head[32768+40:]), "cidata ") {
		t.Errorf("label %q, %v", head[32768+40:32768+60], err)
	}
	if left, _ := filepath.Glob(iso + "?*"); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if err := (CD{Files: []string{dir + "/missing"}}).Make(t.Context(), iso+"2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestFloppy(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("mcopy"); err != nil {
		t.Skip("needs mcopy: install mtools")
	}
	dir := files(t)
	img := filepath.Join(t.TempDir(), "floppy.img")
	c := Floppy{Files: []string{dir + "/b.txt", dir + "/conf"}, Directories: []string{dir + "/conf/"}, Content: map[string]string{"sub/answers.xml": "<x/>"}, Label: "answers of setup"}
	if err := c.Make(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{"::/b.txt", "::/c with a long name.conf", "::/conf/", "::/conf/deep/", "::/conf/deep/c with a long name.conf", "::/sub/", "::/sub/answers.xml"}, "\n")
	if got := output(t, "mdir", "-/", "-b", "-a", "-i", img, "::"); got != want {
		t.Errorf("the floppy disk holds\n%s\nwant\n%s", got, want)
	}
	if got := output(t, "mtype", "-i", img, "::/sub/answers.xml"); got != "<x/>" {
		t.Errorf("content %q", got)
	}
	if got := output(t, "mlabel", "-s", "-i", img, "::"); !strings.Contains(got, "ANSWERS OF") {
		t.Errorf("label %q", got)
	}
	if fi, err := os.Stat(img); err != nil || fi.Size() != 1440<<10 {
		t.Errorf("%v, %v", fi, err)
	}
	big := Floppy{Content: map[string]string{"big": strings.Repeat("x", 2<<20)}}
	if err := big.Make(t.Context(), img+"2"); err == nil || !strings.Contains(err.Error(), "make the floppy disk: mcopy") {
		t.Errorf("too much: %v", err)
	}
}

func get(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", s.Port, path))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir := files(t)
	only := rand.Text()
	if err := os.WriteFile(filepath.Join(dir, only), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]HTTP{
		"directory": {Directory: dir}, "content": {Content: map[string]string{"/a.txt": "a", "conf/deep/x": "x", only: ""}},
	} {
		c.PortMin, c.PortMax = 8000, 9000
		s, err := c.Serve(t.Context(), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		if s.Port < 8000 || s.Port > 9000 {
			t.Errorf("port %d", s.Port)
		}
		if code, text := get(t, s, "/a.txt"); code != 200 || text != "a" {
			t.Errorf("%s: %d %q", name, code, text)
		}
		if code, _ := get(t, s, "/../../etc/passwd"); code != 404 {
			t.Errorf("%s: a file above it: %d", name, code)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		// Somebody else may have the port by now, with other files.
		if resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/%s", s.Port, only)); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				t.Errorf("%s: it listens after its end", name)
			}
		}
	}
	if err := (*Server)(nil).Close(); err != nil {
		t.Error(err)
	}
}

func TestServePorts(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	c := HTTP{Content: map[string]string{"/": ""}, PortMin: port, PortMax: port}
	if _, err := c.Serve(t.Context(), "127.0.0.1"); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("every port from %d to %d is in use", port, port)) {
		t.Errorf("%v", err)
	}
	for p := range FreePorts(t.Context(), "127.0.0.1", port, port) {
		t.Errorf("port %d is said to be free", p)
	}
	c.Protocol = "unix"
	if _, err := c.Serve(t.Context(), "127.0.0.1"); err == nil || !strings.Contains(err.Error(), "does not reach a socket") {
		t.Errorf("%v", err)
	}
}
