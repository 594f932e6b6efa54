package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/proofmark-build/proofmark/internal/exectest"
)

// TestScripts runs what needs no machines. A build that begins all the same finds no
// mirror. In scripts $EXAMPLES is the directory of the examples, and the condition
// [become] tells whether they can become another user.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, params("testdata/script", func(e *testscript.Env) error {
		e.Setenv("http_proxy", "http://127.0.0.1:9")
		e.Setenv("https_proxy", "http://127.0.0.1:9")
		examples, err := filepath.Abs("../../examples")
		e.Setenv("EXAMPLES", examples)
		return err
	}))
}

// TestMachineScripts runs what really builds, each script in a sandbox of its own.
// In scripts $TINY is an archive without an init system, $BOOT one with systemd, $BASE
// a whole Debian, and $GUEST the directory of a small system for virtual machines; the
// condition [guest] tells whether that is there.
func TestMachineScripts(t *testing.T) {
	needMachines(t)
	t.Parallel()
	testscript.Run(t, params("testdata/machines", func(e *testscript.Env) error {
		tb, ok := e.T().(testing.TB)
		if !ok {
			return fmt.Errorf("%T is no testing.TB", e.T())
		}
		bin := filepath.Join(e.WorkDir, ".bin")
		if err := os.Mkdir(bin, 0o755); err != nil {
			return err
		}
		s := newSandbox(tb, bin)
		self, err := exec.LookPath("proofmark")
		if err != nil {
			return err
		}
		wrapper := fmt.Sprintf("#!/bin/sh\nexec '%s' '%s' \"$@\"\n", s.enter, self)
		if err := exectest.WriteFile(filepath.Join(bin, "proofmark"), []byte(wrapper), 0o755); err != nil {
			return err
		}
		e.Values[sandboxKey{}] = s
		e.Setenv("PATH", bin+":"+e.Getenv("PATH"))
		e.Setenv("ENTER", s.enter)
		e.Setenv("BOOT", bootTree(tb))
		e.Setenv("TINY", tinyTree(tb))
		e.Setenv("BASE", baseArchive())
		e.Setenv("GUEST", guestDirectory())
		return nil
	}))
}

type sandboxKey struct{}

// guestDirectory holds what scripts/guest.sh makes.
func guestDirectory() string {
	dir := os.Getenv("PROOFMARK_TEST_GUEST")
	if dir == "" {
		dir = "../../build/guest"
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return dir
}

func params(dir string, setup func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		Dir:                dir,
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PROOFMARK_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("HOME", e.WorkDir)
			self, err := exec.LookPath("proofmark")
			if err != nil {
				return err
			}
			e.Setenv("PROGRAM", self)
			// Ordinary users of a script must find their way to its files.
			for _, d := range []string{e.WorkDir, filepath.Dir(e.WorkDir)} {
				if err := os.Chmod(d, 0o755); err != nil {
					return err
				}
			}
			return setup(e)
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "guest":
				_, err := os.Stat(filepath.Join(guestDirectory(), "disk.qcow2"))
				return err == nil, nil
			case "become":
			default:
				return false, fmt.Errorf("no condition %q", cond)
			}
			return os.Geteuid() == 0 && exec.Command("unshare", "--mount", "setpriv", "--reuid=1", "true").Run() == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": cmdExits, "clean": cmdClean, "events": cmdEvents, "plain": cmdPlain, "tmpfs": cmdTmpfs, "badtar": cmdBadTar,
		},
	}
}

// cmdExits runs a program that must end with an exit status: exits 3 proofmark build web.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits status program [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if x := (*exec.ExitError)(nil); errors.As(err, &x) {
		got = x.ExitCode()
	} else if err != nil {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status is %d, want %d", got, want)
	}
}

// cmdClean checks that nothing is left behind: in the home (but for logs, reports,
// and what the catalog and the cache own), among temporary files, in the sandbox.
func cmdClean(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: clean")
	}
	s, inside := ts.Value(sandboxKey{}).(*sandbox)
	root := ""
	if inside {
		root = s.root()
	}
	left, err := strays(root, ts.Getenv("PROOFMARK_HOME"), func(args ...string) ([]byte, error) {
		cmd := exec.Command(ts.Getenv("PROGRAM"), args...)
		if inside {
			cmd = exec.Command(s.enter, append([]string{ts.Getenv("PROGRAM")}, args...)...)
		}
		cmd.Env = append(os.Environ(), "PROOFMARK_HOME="+ts.Getenv("PROOFMARK_HOME"))
		return cmd.Output()
	})
	ts.Check(err)
	tmp, err := os.ReadDir(ts.Getenv("TMPDIR"))
	ts.Check(err)
	for _, f := range tmp {
		left = append(left, filepath.Join(ts.Getenv("TMPDIR"), f.Name()))
	}
	if inside {
		left = append(left, s.left()...)
	}
	if len(left) > 0 {
		ts.Fatalf("left behind:\n\t%s", strings.Join(left, "\n\t"))
	}
}

// cmdEvents checks that every line of a file is a JSON event, and that events of
// all the named types are among them.
func cmdEvents(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: events file [type...]")
	}
	seen := map[string]bool{}
	for n, line := range bytes.Split(bytes.TrimSuffix([]byte(ts.ReadFile(args[0])), []byte("\n")), []byte("\n")) {
		if err := checkEvent(line); err != nil {
			ts.Fatalf("line %d: %v\n%s", n+1, err, line)
		}
		var e struct{ Type string }
		ts.Check(json.Unmarshal(line, &e))
		seen[e.Type] = true
	}
	for _, typ := range args[1:] {
		if !seen[typ] {
			ts.Fatalf("no event %q", typ)
		}
	}
}

// cmdPlain checks that a file holds no control characters but line ends.
func cmdPlain(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] plain file")
	}
	plain := !strings.ContainsFunc(ts.ReadFile(args[0]), func(r rune) bool { return r < ' ' && r != '\n' })
	if plain == neg {
		ts.Fatalf("%s: plain is %v", args[0], plain)
	}
}

// cmdTmpfs mounts a small file system at a directory of a machine script's sandbox:
// tmpfs size=20m home.
func cmdTmpfs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tmpfs options directory")
	}
	dir := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(dir, 0o755))
	s := ts.Value(sandboxKey{}).(*sandbox)
	ts.Check(ts.Exec(s.enter, "mount", "-t", "tmpfs", "-o", args[0], "tmpfs", dir))
	s.mounts = append(s.mounts, dir)
}

// cmdBadTar writes an archive that a build must refuse, or must not be harmed by:
// badtar file up | absolute | link | hardlink | device | truncated.
func cmdBadTar(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: badtar file kind")
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(h tar.Header, text string) {
		h.Size, h.Mode = int64(len(text)), 0o644
		ts.Check(w.WriteHeader(&h))
		_, err := w.Write([]byte(text))
		ts.Check(err)
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd"}, "root:x:0:0:root:/root:/bin/sh\n")
	victim := ts.MkAbs("victim")
	switch args[1] {
	case "up":
		add(tar.Header{Typeflag: tar.TypeReg, Name: strings.Repeat("../", 30) + strings.TrimPrefix(victim, "/")}, "harm\n")
	case "absolute":
		add(tar.Header{Typeflag: tar.TypeReg, Name: victim}, "harm\n")
	case "link":
		add(tar.Header{Typeflag: tar.TypeSymlink, Name: "srv", Linkname: filepath.Dir(victim)}, "")
		add(tar.Header{Typeflag: tar.TypeReg, Name: "srv/victim"}, "harm\n")
	case "hardlink":
		add(tar.Header{Typeflag: tar.TypeLink, Name: "srv", Linkname: victim}, "")
		add(tar.Header{Typeflag: tar.TypeReg, Name: "srv"}, "harm\n")
	case "device":
		add(tar.Header{Typeflag: tar.TypeBlock, Name: "srv/disk", Devmajor: 8}, "")
	case "truncated":
	default:
		ts.Fatalf("no kind %q", args[1])
	}
	ts.Check(w.Close())
	text := b.Bytes()
	if args[1] == "truncated" {
		whole, err := os.ReadFile(ts.Getenv("TINY"))
		ts.Check(err)
		text = whole[:len(whole)/2]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o644))
}
