package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bench is a place to build in: a sandbox, a home, a directory for temporary
// files, and a template.
type bench struct {
	*sandbox
	t         *testing.T
	home, tmp string
	template  string
}

func newBench(t *testing.T, template string) *bench {
	t.Helper()
	dir := t.TempDir()
	b := &bench{newSandbox(t, dir), t, filepath.Join(dir, "home"), filepath.Join(dir, "tmp"), filepath.Join(dir, "web")}
	for _, d := range []string{b.tmp, b.template} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.write("web.pkr.hcl", template)
	return b
}

// write writes a file beside the template. $BASE in it becomes the path of an
// archive to start from, $BOOT that of one with an init system.
func (b *bench) write(name, text string) {
	b.t.Helper()
	text = strings.ReplaceAll(text, "$BASE", tinyTree(b.t))
	if strings.Contains(text, "$BOOT") {
		text = strings.ReplaceAll(text, "$BOOT", bootTree(b.t))
	}
	if err := os.WriteFile(filepath.Join(b.template, name), []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) build(env ...string) *child {
	b.t.Helper()
	return b.command(b.home, append(env, "TMPDIR="+b.tmp), "build", b.template)
}

// clean reports what is left in the sandbox, the home and among temporary files.
func (b *bench) clean(when string) {
	b.t.Helper()
	left := b.left()
	stray, err := strays("", b.home, func(args ...string) ([]byte, error) {
		c := b.command(b.home, nil, args...)
		b.succeed(c)
		return os.ReadFile(c.stdout)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	left = append(left, stray...)
	if left = append(left, files(b.t, b.tmp)...); len(left) > 0 {
		b.t.Errorf("left %s:\n\t%s", when, strings.Join(left, "\n\t"))
	}
}

// succeed runs a proofmark that must end well.
func (b *bench) succeed(c *child) {
	b.t.Helper()
	if exit := c.run(); exit != 0 {
		b.t.Fatalf("proofmark %s ended with %d:\n%s", strings.Join(c.Args[2:], " "), exit, c.said())
	}
}

// patience bounds every wait for something that must happen.
const patience = 10 * time.Minute

// waitFor waits until the child has written text to its output.
func (c *child) waitFor(text string) {
	c.t.Helper()
	for began := time.Now(); !strings.Contains(c.said(), text); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			c.t.Fatalf("%q did not come:\n%s", text, c.said())
		}
	}
}

// points builds, and returns the names of the points at which the build could have
// left something behind.
func (b *bench) points() []string {
	b.t.Helper()
	list := filepath.Join(b.t.TempDir(), "points")
	b.succeed(b.build("PROOFMARK_TEST_POINTS=" + list))
	text, err := os.ReadFile(list)
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
