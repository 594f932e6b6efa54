package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestManyAtOnce builds many templates at the same time in one home: some that
// share their first steps, some that fail, some that are refused. All end as they
// should, and nothing is left.
func TestManyAtOnce(t *testing.T) {
	needMachines(t)
	n := 6
	if soak() {
		n = 20
	}
	const template = `
source "rootfs" "web" {
  archive    = "$BASE"
  image_name = "image-%[1]d"
}
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" { inline = ["echo common > /srv/common; sleep 0.2"] }
  provisioner "shell" { inline = ["echo %[1]d > /srv/own; (sleep 300 >/dev/null 2>&1 &) ; exit %[2]d"] }
  verify "inline" {
    file "/srv/own" { contains = ["%[3]d"] }
  }
}
`
	b := newBench(t, "# see the others")
	var wg sync.WaitGroup
	for i := range n {
		status, word, want := 0, i, exitDone
		switch i % 5 {
		case 3:
			status, want = 1, exitFailed
		case 4:
			word, want = 1000, exitRefused
		}
		dir := filepath.Join(b.template, fmt.Sprint(i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		b.write(fmt.Sprintf("%d/web.pkr.hcl", i), fmt.Sprintf(template, i, status, word))
		c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "build", dir)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if exit := c.wait(); exit != want {
				t.Errorf("build %d ended with %d, want %d:\n%s", i, exit, want, c.said())
			}
		})
	}
	wg.Wait()
	b.clean("after all")
	list := b.command(b.home, nil, "images", "list")
	b.succeed(list)
	for i := range n {
		if listed := strings.Contains(list.said(), fmt.Sprintf("image-%d:1 ", i)); listed != (i%5 < 3) {
			t.Errorf("image %d is listed: %v\n%s", i, listed, list.said())
		}
	}
	layers := b.command(b.home, nil, "cache", "list")
	b.succeed(layers)
	if got := strings.Count(layers.said(), "echo common"); got != 1 {
		t.Errorf("the common step has %d layers:\n%s", got, layers.said())
	}
}
