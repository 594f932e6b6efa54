package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

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

// booted is one whose machines run an init system.
const booted = `
source "rootfs" "web" {
  archive        = "$BOOT"
  start_services = true
}
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" { inline = ["systemctl is-system-running --wait; echo one > /srv/one"] }
  provisioner "shell" {
    inline            = ["systemctl reboot"]
    expect_disconnect = true
  }
  provisioner "shell" { inline = ["echo two > /srv/two"] }
  verify "inline" {
    file "/srv/two" { contains = ["two"] }
  }
}
`

// killed is what a bench must be like after a build was killed in it.
func (b *bench) killed(gc bool) {
	b.t.Helper()
	if gc {
		b.succeed(b.command(b.home, nil, "gc"))
		b.clean("after gc")
	}
	b.succeed(b.build())
	b.clean("after the next build")
}

// TestKilledAtAnyPoint kills a build wherever the ledger says that something may be
// left behind. Afterwards gc, or the next build, finds and removes it all. The short
// form takes some of the points, of each kind of resource at least three.
func TestKilledAtAnyPoint(t *testing.T) {
	needMachines(t)
	t.Parallel()
	for _, tt := range []struct {
		name, template string
	}{{"everything", everything}, {"booted", booted}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var points []string
			t.Run("count", func(t *testing.T) {
				b := newBench(t, tt.template)
				b.write("site", "hello")
				points = b.points()
				b.clean("after a build that lived")
			})
			for i, n := range machinetest.Points(t, points, 0) {
				t.Run(fmt.Sprintf("%03d %s", n+1, points[n]), func(t *testing.T) {
					t.Parallel()
					b := newBench(t, tt.template)
					b.write("site", "hello")
					c := b.build(fmt.Sprintf("PROOFMARK_TEST_CRASH_AT=%d", n+1))
					if exit := c.run(); exit != -1 {
						t.Fatalf("ended with %d:\n%s", exit, c.said())
					}
					b.killed(i%2 == 0)
				})
			}
		})
	}
}

// TestKilledAtAnyMoment kills builds by the clock, between the points as well.
func TestKilledAtAnyMoment(t *testing.T) {
	needMachines(t)
	t.Parallel()
	var took time.Duration
	t.Run("measure", func(t *testing.T) {
		b := newBench(t, everything)
		b.write("site", "hello")
		began := time.Now()
		b.succeed(b.build())
		took = time.Since(began)
	})
	slice := max(took/10, 100*time.Millisecond)
	if soak() {
		slice = 25 * time.Millisecond
	}
	var found atomic.Int32
	t.Run("slices", func(t *testing.T) {
		for at := slice; at < took; at += slice {
			t.Run(at.Round(time.Millisecond).String(), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, everything)
				b.write("site", "hello")
				c := b.build()
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(at)
				_ = c.Process.Kill() // no error that counts: it may have ended
				c.wait()
				if len(b.left()) > 0 {
					found.Add(1)
				}
				b.killed(at/slice%2 == 0)
			})
		}
	})
	if found.Load() == 0 {
		t.Error("no killed build left anything: this test sees nothing")
	}
}

// TestInterrupted sends a signal at each stage of a build, which must end in good
// order by itself.
func TestInterrupted(t *testing.T) {
	needMachines(t)
	t.Parallel()
	const slow = `
source "rootfs" "web" { archive = "$BASE" }
build {
  sources = ["source.rootfs.web"]
  provisioner "shell"       { inline = ["echo step-one; sleep 1"] }
  provisioner "shell-local" { inline = ["echo step-two; sleep 300 & sleep 1; kill $!"] }
  provisioner "shell"       { inline = ["echo step-three; sleep 300 >/dev/null 2>&1 & sleep 1"] }
  verify "inline" { command "sleep 3" { exit_status = 0 } }
}
`
	stages := []string{`"run-started"`, `"step-started"`, "step-one", "step-two", "step-three", `"gate":1`, "Sealing", "Capturing", `"gate":2`}
	for i, stage := range stages {
		for j, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			if !soak() && (i+j)%2 == 0 {
				continue
			}
			t.Run(strings.Trim(stage, `"`)+" "+signal.String(), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, slow)
				c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "build", "--json", b.template)
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				c.waitFor(stage)
				if err := c.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				if exit := c.wait(); exit != exitFailed {
					t.Errorf("ended with %d, want %d", exit, exitFailed)
				}
				if said := c.said(); !strings.Contains(said, "Cancelling after receiving "+signal.String()) || !strings.Contains(said, "cancelled by "+signal.String()) {
					t.Errorf("does not say that it was cancelled, and why:\n%s", said)
				}
				b.clean("after the signal")
			})
		}
	}
}

// A second signal does not wait for the clean-up.
func TestInterruptedTwice(t *testing.T) {
	needMachines(t)
	t.Parallel()
	b := newBench(t, `
source "rootfs" "web" { archive = "$BASE" }
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" { inline = ["echo step-one; sleep 300"] }
  error-cleanup-provisioner "shell" { inline = ["echo cleaning; sleep 300"] }
}
`)
	c := b.build()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for _, stage := range []string{"step-one", "cleaning"} {
		c.waitFor("rootfs.web: " + stage)
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	if exit := c.wait(); exit != exitFailed {
		t.Errorf("ended with %d", exit)
	}
	if !strings.Contains(c.said(), "proofmark gc") {
		t.Errorf("does not say what to do about the rest:\n%s", c.said())
	}
	if len(b.left()) == 0 {
		t.Error("it waited for the clean-up")
	}
	b.succeed(b.command(b.home, nil, "gc"))
	b.clean("after gc")
}
