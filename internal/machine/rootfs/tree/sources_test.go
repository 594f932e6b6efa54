package tree

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none": {nil, ""},
		"one line": {map[string]string{"sources.list": `
# deb http://old.example.org/debian bookworm main
deb http://a.example.org/debian bookworm main contrib # comment
deb-src http://a.example.org/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://s.example.org/debian-security bookworm-security main
`}, "deb http://a.example.org/debian bookworm main contrib\n" +
			"deb [arch=amd64 signed-by=/k.gpg] http://s.example.org/debian-security bookworm-security main"},
		"deb822": {map[string]string{"sources.list.d/debian.sources": `# comment
Types: deb deb-src
URIs: http://s.example.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/x.gpg

Types: deb
URIs: http://a.example.org/debian
Suites: bookworm
 bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 xyz

Types: deb
Enabled: no
URIs: http://off.example.org/debian
Suites: bookworm
Components: main
`}, "deb http://a.example.org/debian bookworm main\ndeb http://a.example.org/debian bookworm-updates main\n" +
			"deb [signed-by=/usr/share/keyrings/x.gpg] http://s.example.org/debian-security bookworm-security main"},
		"other suite": {map[string]string{"sources.list": "deb http://a.example.org/debian trixie main\n"}, ""},
		"foreign": {map[string]string{
			"sources.list.d/cloud.list": "deb https://packages.example.org/apt cloud-bookworm main\ndeb https://x.example.org bookworm stable\n",
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			etc := t.TempDir()
			for f, content := range c.files {
				write(t, filepath.Join(etc, f), content, 0o644)
			}
			if got := hostSources(etc, "bookworm"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func FuzzSources(f *testing.F) {
	f.Add("deb [a=b] http://x y z\n\nTypes: deb\nURIs: a\nSuites: b\n c\n")
	f.Add("deb [")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range append(parseOneLine(text), parseDeb822(text)...) {
			if s.uri == "" || s.suite == "" {
				t.Errorf("an entry without URI or suite from %q", text)
			}
		}
	})
}

// TestResolveByProxy: a template's own proxy is asked, but not for what is on this
// host.
func TestResolveByProxy(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.RequestURI
		_, _ = w.Write([]byte("state"))
	}))
	defer proxy.Close()
	for _, p := range []string{proxy.URL, strings.TrimPrefix(proxy.URL, "http://")} {
		_, err := Resolve(t.Context(), "bookworm", "http://mirror.invalid/debian", p)
		must(t, err)
		if got := <-asked; got != "http://mirror.invalid/debian/dists/bookworm/InRelease" {
			t.Errorf("the proxy was asked for %s", got)
		}
	}
	_, err := Resolve(t.Context(), "bookworm", proxy.URL+"/debian", "http://"+closedPort(t))
	must(t, err)
	if got := <-asked; got != "/debian/dists/bookworm/InRelease" {
		t.Errorf("the mirror was asked for %s", got)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	content := "one"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/debian/dists/bookworm/InRelease", "/old/dists/bookworm/Release":
			_, _ = w.Write([]byte(content))
		case "/broken/dists/bookworm/InRelease":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer srv.Close()
	resolve := func(mirror string) string {
		t.Helper()
		d, err := Resolve(t.Context(), "bookworm", mirror, "")
		must(t, err)
		return string(d)
	}
	a := resolve(srv.URL + "/debian/")
	if b := resolve(srv.URL + "/old"); a != b {
		t.Errorf("an old mirror without InRelease: %s and %s", a, b)
	}
	if b := resolve("deb [arch=amd64] " + srv.URL + "/debian bookworm main"); a != b {
		t.Errorf("as a line: %s and %s", a, b)
	}
	if b := resolve("deb " + srv.URL + "/debian bookworm main\ndeb " + srv.URL + "/old bookworm main"); a == b {
		t.Error("the second line does not count")
	}
	content = "two"
	if b := resolve(srv.URL + "/debian"); a == b {
		t.Error("a new state of the mirror has the same digest")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dists/bookworm/InRelease"), "two", 0o644)
	if a, b := resolve("file://"+dir), resolve("copy:"+dir); a != b || a != resolve(srv.URL+"/debian") {
		t.Error("a mirror on disk differs")
	}
	for mirror, want := range map[string]string{
		"http://" + closedPort(t) + "/debian":     "cannot be reached",
		"http://user:pa55@" + closedPort(t) + "/": "cannot be reached",
		srv.URL + "/nosuch":                       "has no such suite",
		srv.URL + "/broken":                       "it answers 500",
		"file://" + dir + "/nosuch":               "has no such suite",
		"ftp://example.org/debian":                "only http, https, file and copy",
	} {
		_, err := Resolve(t.Context(), "bookworm", mirror, "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "pa55") {
			t.Errorf("%s: got %v", mirror, err)
		}
	}
}
