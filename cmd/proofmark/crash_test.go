package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// write writes a file beside the template.
func (b *bench) write(name, text string) {
	b.t.Helper()
	text = strings.ReplaceAll(text, "$BASE", tinyTree(b.t))
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
	left := append(b.left(), strays(b.t, b.home)...)
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

// everything is a template with each kind of thing that a build leaves for a while.
const everything = `
source "rootfs" "web" { archive = "$BASE" }
build {
  sources = ["source.rootfs.web"]
  provisioner "shell"       { inline = ["echo one > /srv/one; sleep 300 >/dev/null 2>&1 &"] }
  provisioner "shell-local" { inline = ["sleep 0.2 & wait"] }
  provisioner "file" {
    source      = "${path.root}/site"
    destination = "/srv/site"
  }
  provisioner "shell"       { inline = ["echo two > /srv/two"] }
  verify "inline" {
    file "/srv/two"     { contains = ["two"] }
    command "sleep 0.1" { exit_status = 0 }
  }
}
`

// TestKilledAtAnyPoint kills a build wherever the ledger says that something may be
// left behind. Afterwards gc, or the next build, finds and removes it all.
func TestKilledAtAnyPoint(t *testing.T) {
	needMachines(t)
	t.Parallel()
	last := 0
	t.Run("count", func(t *testing.T) {
		b := newBench(t, everything)
		b.write("site", "hello")
		points := filepath.Join(t.TempDir(), "points")
		c := b.build("PROOFMARK_TEST_POINTS=" + points)
		b.succeed(c)
		b.clean("after a build that lived")
		text, err := os.ReadFile(points)
		if err != nil {
			t.Fatal(err)
		}
		last = strings.Count(string(text), "\n")
		t.Logf("%d points", last)
	})
	step := 1
	if !soak() {
		step = max(1, last/12)
	}
	for n := 1; n <= last; n += step {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, everything)
			b.write("site", "hello")
			c := b.build(fmt.Sprintf("PROOFMARK_TEST_CRASH_AT=%d", n))
			if exit := c.run(); exit != -1 {
				t.Fatalf("ended with %d:\n%s", exit, c.said())
			}
			if n%2 == 0 {
				b.succeed(b.command(b.home, nil, "gc"))
				b.clean("after gc")
			}
			b.succeed(b.build())
			b.clean("after the next build")
		})
	}
}
