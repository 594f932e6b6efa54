package httpdata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

func read(t *testing.T, ctx context.Context, options string) (v cty.Value, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.pkr.hcl")
	text := "data \"http\" \"x\" {\n" + options + "\n}\nlocals {\n  body = data.http.x.body\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set := template.NewSet(Data())
	_, err = template.Load(file, template.Options{Environ: []string{}, Data: func(b *template.Block) (cty.Value, error) {
		var d machine.DataSource
		if d, err = set.Open(b, nil); err == nil {
			v, err = d.Read(ctx)
		}
		return v, err
	}})
	return v, err
}

func TestRead(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/missing":
			http.NotFound(w, r)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/binary":
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte{0xff, 0xfe})
		case "/large":
			for range sizeLimit>>16 + 1 {
				w.Write(make([]byte, 1<<16))
			}
		case "/cut":
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("short"))
		default:
			body, _ := io.ReadAll(r.Body)
			w.Header().Add("X-Two", "1")
			w.Header().Add("X-Two", "2")
			fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Host, r.Header.Get("X-Asked"), body)
		}
	}))
	t.Cleanup(server.Close)
	at := func(path string) string { return fmt.Sprintf("url = %q\n", server.URL+path) }
	host := strings.TrimPrefix(server.URL, "http://")

	v, err := read(t, t.Context(), at("/")+"method = \"POST\"\nrequest_body = \"hello\"\nrequest_headers = { X-Asked = \"yes\", Host = \"example.com\" }")
	if err != nil || v.GetAttr("body").AsString() != "POST example.com yes hello" || v.GetAttr("url").AsString() != server.URL+"/" {
		t.Errorf("%#v, %v", v, err)
	}
	if two := v.GetAttr("request_headers").Index(cty.StringVal("X-Two")); two.AsString() != "1, 2" {
		t.Errorf("%#v", two)
	}
	if v, err = read(t, t.Context(), at("/moved")); err != nil || v.GetAttr("body").AsString() != "GET "+host+"  " {
		t.Errorf("%#v, %v", v, err)
	}
	if v, err = read(t, t.Context(), at("/")+`method = "HEAD"`); err != nil || v.GetAttr("body").AsString() != "" {
		t.Errorf("%#v, %v", v, err)
	}
	for want, options := range map[string]string{
		"t.pkr.hcl:1:1: GET " + server.URL + "/missing: the server answered 404 Not Found": at("/missing"),
		"the answer is no UTF-8 text (image/png)":                                          at("/binary"),
		"the answer is larger than 16 MiB":                                                 at("/large"),
		"read the answer: unexpected EOF":                                                  at("/cut"),
		"GET http://u:xxxxx@" + host + "/missing: the server":                              strings.Replace(at("/missing"), "//", "//u:secret@", 1),
		`t.pkr.hcl:2:7: url: it begins with http:// or https://`:                           `url = "ftp://x"`,
		`needs option "url"`:                                                               ``,
		`method: "get" is none of HEAD, GET`:                                               at("/") + `method = "get"`,
	} {
		_, err := read(t, t.Context(), options)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "u:secret") && !strings.Contains(options, "x") {
			t.Errorf("%s: %v, want %q", options, err, want)
		}
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("stopped"))
	if _, err := read(t, ctx, at("/")); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Error(err)
	}
	server.Close()
	if _, err := read(t, t.Context(), at("/")); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
}
