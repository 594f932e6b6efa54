package verify

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

type packedProgram struct {
	io.ReadCloser
	packed []byte
}

func (p packedProgram) Packed() []byte { return p.packed }

// packed gives the probe as one gzip stream too, which spoil may change.
func packed(t *testing.T, spoil func([]byte) []byte) func(arch string) (io.ReadCloser, error) {
	t.Helper()
	open := probetest.Build(t)
	plain, err := open(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is one
	if _, err := io.Copy(z, plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	stream := b.Bytes()
	if spoil != nil {
		stream = spoil(stream)
	}
	return func(arch string) (io.ReadCloser, error) {
		plain, err := open(arch)
		if err != nil {
			return nil, err
		}
		return packedProgram{plain, stream}, nil
	}
}

func TestSessionOverOneCommand(t *testing.T) {
	t.Parallel()
	c := &local{}
	got, err := NewSession(c, Options{Probe: packed(t, nil)}).Run(t.Context(), []Spec{spec{exists("root"), ran("echo hello", "hello\n")}})
	if err != nil || verdicts(got) != "root=pass echo hello=pass" {
		t.Errorf("got %v, %v", got, err)
	}
	if len(c.lines) != 1 || len(c.paths) != 0 {
		t.Errorf("%d commands, %d files", len(c.lines), len(c.paths))
	}
	noneLeft(t, c)
}

// TestPipedScriptKeepsItsFile: a file that goes and comes again has a moment in which its
// name, which all may see in /tmp, is somebody else's to take.
func TestPipedScriptKeepsItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	removed := filepath.Join(dir, "removed")
	if err := exectest.WriteFile(filepath.Join(dir, "rm"), []byte("#!/bin/sh\necho \"$@\" >>"+removed+"\nexec /bin/rm \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := &local{env: []string{"PATH=" + dir + ":" + os.Getenv("PATH")}}
	got, err := NewSession(c, Options{Probe: packed(t, nil)}).Run(t.Context(), []Spec{spec{exists("root")}})
	if err != nil || verdicts(got) != "root=pass" || len(c.lines) != 1 {
		t.Fatalf("got %v, %v after %d commands", got, err, len(c.lines))
	}
	if names, err := os.ReadFile(removed); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it removes %s (%v)", names, err)
	}
}

// TestSessionOverOneCommandInTheWay has it done step by step where one command does not
// do it.
func TestSessionOverOneCommandInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := exectest.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("broken/gzip", "#!/bin/sh\nexit 1\n")
	write("foreign/uname", "#!/bin/sh\ncase $1 in -m) echo sparc64;; *) echo Linux;; esac\n")
	path := func(first string) []string { return []string{"PATH=" + dir + "/" + first + ":" + os.Getenv("PATH")} }
	for name, tt := range map[string]struct {
		comm  *local
		spoil func([]byte) []byte
		want  string
	}{
		"gzip fails":    {&local{env: path("broken")}, nil, "root=pass"},
		"cut off":       {&local{}, func(b []byte) []byte { return b[:len(b)-100] }, "root=pass"},
		"no program":    {&local{}, func([]byte) []byte { return []byte("none") }, "root=pass"},
		"other machine": {&local{env: path("foreign")}, nil, "root=could not check"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := NewSession(tt.comm, Options{Probe: packed(t, tt.spoil)}).Run(t.Context(), []Spec{spec{exists("root")}})
			if err != nil || verdicts(got) != tt.want {
				t.Errorf("got %v, %v", got, err)
			}
			noneLeft(t, tt.comm)
		})
	}
}

func TestSessionOverOneCommandLost(t *testing.T) {
	t.Parallel()
	c := &local{lose: func(line string) bool { return strings.Contains(line, "gzip") }}
	_, err := NewSession(c, Options{Probe: packed(t, nil)}).Run(t.Context(), []Spec{spec{exists("root")}})
	if !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("got %v", err)
	}
	noneLeft(t, c)
}

// TestSessionOverOneCommandCancelled ends the session while the probe is on its way.
func TestSessionOverOneCommandCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	started := filepath.Join(dir, "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exectest.WriteFile(filepath.Join(dir, "gzip"), []byte("#!/bin/sh\necho >"+started+"\nexec sleep 100000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := &local{env: []string{"PATH=" + dir + ":" + os.Getenv("PATH")}}
	go func() {
		if _, err := os.ReadFile(started); err != nil {
			t.Error(err)
		}
		cancel()
	}()
	_, err := NewSession(c, Options{Probe: packed(t, nil)}).Run(ctx, []Spec{spec{exists("root")}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	noneLeft(t, c)
}

// noneLeft looks for the files that the commands of a session named.
func noneLeft(t *testing.T, c *local) {
	t.Helper()
	var names []string
	for _, line := range c.lines {
		for word := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune("/ \n\"';", r) }) {
			if strings.HasPrefix(word, ".proofmark-probe-") && !slices.Contains(names, word) {
				names = append(names, word)
			}
		}
	}
	if len(names) == 0 {
		t.Error("no command names a file of ours")
	}
	for _, dir := range []string{"/run", "/tmp", "/var/tmp", "/dev/shm", os.Getenv("HOME")} {
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				t.Errorf("%s is left in %s", name, dir)
			}
		}
	}
}
