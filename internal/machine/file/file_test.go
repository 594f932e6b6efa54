package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

type quiet struct{}

func (quiet) Say(string, ...any)                       {}
func (quiet) Message(string, ...any)                   {}
func (quiet) Warn(string, ...any)                      {}
func (quiet) Output() io.WriteCloser                   { return nil }
func (quiet) Progress(string, int64) func(int64, bool) { return nil }

func open(t *testing.T, options string) (machine.Builder, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.pkr.hcl")
	text := "source \"file\" \"x\" {\n" + options + "\n}\nbuild {\nsources = [\"source.file.x\"]\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tpl, err := template.Load(file, template.Options{Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	return template.NewSet(Kind()).Open(tpl.Builds[0].Source, nil)
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		``:            `needs option "target"`,
		`target = ""`: `option "target" is empty`,
		"target = \"t\"\nsource = \"s\"\ncontent = \"c\"": `:4:11: content: give either source or content`,
		"target = \"t\"\npath = \"s\"":                    `unknown option "path"`,
	} {
		if _, err := open(t, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %q", options, err, want)
		}
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "source")
	if err := os.WriteFile(source, []byte("copied"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, tt := range []struct {
		option, want string
		mode         os.FileMode
	}{
		{`content = "written"`, "written", 0o600},
		{``, "", 0o600},
		{fmt.Sprintf("source = %q", source), "copied", 0o644},
	} {
		target := filepath.Join(dir, "new", fmt.Sprint(i))
		b, err := open(t, fmt.Sprintf("target = %q\n%s", target, tt.option))
		if err != nil {
			t.Fatal(err)
		}
		l, err := ledger.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		scope := l.Scope("run", KindName, nil)
		env := machine.Env{Res: scope, Out: quiet{}, Files: &output.Files{Scope: scope}}
		m, err := b.Start(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		img, err := m.Capture(t.Context(), env)
		if err != nil || img.ArtifactID() != "File" || img.Files[0] != target || img.Size != int64(len(tt.want)) || img.About != "Stored file: "+target {
			t.Errorf("%+v, %v", img, err)
		}
		text, err := os.ReadFile(target)
		if fi, e := os.Stat(target); e != nil || fi.Mode()&^0o022 != tt.mode&^0o022 || string(text) != tt.want || err != nil {
			t.Errorf("%q, %v, %v, %v", text, fi, err, e)
		}
		if !strings.HasPrefix(string(img.Digest), "sha256:") {
			t.Error(img.Digest)
		}
		if err := scope.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Dir(target)); !os.IsNotExist(err) {
			t.Errorf("a build that failed leaves %s: %v", filepath.Dir(target), err)
		}
	}
	b, err := open(t, `target = "/nonexistent/x"`+"\nsource = \"/nonexistent/y\"")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Start(t.Context(), machine.Env{Out: quiet{}}); err == nil || !strings.Contains(err.Error(), "/nonexistent/y") {
		t.Error(err)
	}
}

// What would block, or is no file, is refused where the template names it; what became
// so since then, when it is read.
func TestNoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, plain := filepath.Join(dir, "pipe"), filepath.Join(dir, "plain")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.WriteFile(plain, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for options, want := range map[string]string{
		"target = \"t\"\nsource = \"" + pipe + "\"": ":3:10: source: " + pipe + " is a pipe: give a file",
		"target = \"t\"\nsource = \"" + dir + "\"":  ":3:10: source: " + dir + " is a directory: give a file",
		"target = \"" + pipe + "\"":                 ":2:10: target: " + pipe + " is a pipe: give a file",
		"target = \"" + dir + "\"":                  ":2:10: target: " + dir + " is a directory: give a file",
		"target = \"/dev/null\"":                    ":2:10: target: /dev/null is a device: give a file",
	} {
		if _, err := open(t, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %q", options, err, want)
		}
	}
	b, err := open(t, fmt.Sprintf("target = %q\nsource = %q", filepath.Join(dir, "target"), plain))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(pipe, plain); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Start(t.Context(), machine.Env{Out: quiet{}}); err == nil || !strings.Contains(err.Error(), "is a pipe") {
		t.Error(err)
	}
}

// A source without an end is read until the build is cancelled.
func TestCancel(t *testing.T) {
	t.Parallel()
	b, err := open(t, fmt.Sprintf("target = %q\nsource = \"/dev/zero\"", filepath.Join(t.TempDir(), "target")))
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	ctx, cancel := context.WithCancelCause(t.Context())
	l, err := ledger.Open(t.TempDir(), ledger.WithObserver(func(p ledger.Point) {
		if p.Name == "after-intent output" { // next is the copying
			cancel(boom)
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	scope := l.Scope("run", KindName, nil)
	_, err = b.Start(ctx, machine.Env{Res: scope, Out: quiet{}, Files: &output.Files{Scope: scope}})
	if !errors.Is(err, boom) {
		t.Error(err)
	}
}
