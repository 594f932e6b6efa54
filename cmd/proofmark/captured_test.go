package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// capturing is a template whose image has a given format.
func capturing(format string) string {
	return fmt.Sprintf(`
source "rootfs" "web" {
  archive = "$BASE"
  output { format = %q }
}
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" { inline = ["mkdir /srv/site; i=0; while [ $i -lt 1000 ]; do echo page $i; i=$((i+1)); done > /srv/site/page"] }
  verify "inline" {
    file "/srv/site/page" { contains = ["page 999"] }
  }
}
`, format)
}

// Gate 2 proves the captured bytes: whatever happens to them between capture and
// gate is seen, and nothing else is looked at.
func TestGate2SeesTheCapturedBytesAlone(t *testing.T) {
	needMachines(t)
	t.Parallel()
	refused := map[string]func(t *testing.T, b *bench, image string){
		"one byte changed": func(t *testing.T, _ *bench, image string) {
			change(t, biggest(t, image), func(text []byte) []byte { text[len(text)/2] ^= 1; return text })
		},
		"cut short": func(t *testing.T, _ *bench, image string) {
			change(t, biggest(t, image), func(text []byte) []byte { return text[:len(text)-100] })
		},
		"longer": func(t *testing.T, _ *bench, image string) {
			change(t, biggest(t, image), func(text []byte) []byte { return append(text, bytes.Repeat([]byte{0}, 1024)...) })
		},
		"gone": func(t *testing.T, _ *bench, image string) {
			if err := os.RemoveAll(image); err != nil {
				t.Fatal(err)
			}
		},
	}
	passed := map[string]func(t *testing.T, b *bench, image string){
		"nothing": func(*testing.T, *bench, string) {},
		"layers out of reach": func(t *testing.T, b *bench, _ string) {
			layers := filepath.Join(b.home, "layers")
			if err := os.Rename(layers, layers+"-away"); err != nil {
				t.Fatal(err)
			}
		},
	}
	for _, format := range []string{"tar.zst", "dir", "oci"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			at := 0
			t.Run("count", func(t *testing.T) {
				b := newBench(t, capturing(format))
				points := b.points()
				// The machine of gate 2 is the last that is made.
				for i, name := range points {
					if name == "before-intent machine directory" {
						at = i + 1
					}
				}
				if at == 0 {
					t.Fatalf("no machine among the points %q", points)
				}
			})
			for name, spoil := range refused {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					b := newBench(t, capturing(format))
					c := b.spoilt(at, spoil)
					if exit := c.wait(); exit != exitRefused {
						t.Errorf("ended with %d, want %d:\n%s", exit, exitRefused, c.said())
					}
					for _, text := range []string{"Gate 2 refuses", "web  refused", "cannot be started", ".html", ".log"} {
						if !strings.Contains(c.said(), text) {
							t.Errorf("does not say %q:\n%s", text, c.said())
						}
					}
					b.clean("after a refusal")
					if n := len(files(t, filepath.Join(b.home, "images"))); n > 0 {
						t.Errorf("%d images are left", n)
					}
				})
			}
			for name, spoil := range passed {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					b := newBench(t, capturing(format))
					c := b.spoilt(at, spoil)
					if exit := c.wait(); exit != exitDone {
						t.Errorf("ended with %d, want %d:\n%s", exit, exitDone, c.said())
					}
				})
			}
		})
	}
}

// spoilt starts a build, stops it at a point, which is between capture and gate 2,
// and lets it go on after spoil.
func (b *bench) spoilt(at int, spoil func(t *testing.T, b *bench, image string)) *child {
	b.t.Helper()
	c := b.build(fmt.Sprintf("PROOFMARK_TEST_STOP_AT=%d", at))
	if err := c.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Process.Kill() })
	c.waitStopped()
	found, err := filepath.Glob(filepath.Join(b.home, "images", "*", "*", "*"))
	if err != nil || len(found) != 1 {
		b.t.Fatalf("images = %q, %v", found, err)
	}
	spoil(b.t, b, found[0])
	if err := c.Process.Signal(syscall.SIGCONT); err != nil {
		b.t.Fatal(err)
	}
	return c
}

// waitStopped waits until the child has stopped itself.
func (c *child) waitStopped() {
	c.t.Helper()
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Process.Pid))
		if err == nil {
			after := stat[bytes.LastIndexByte(stat, ')')+1:]
			switch state := string(bytes.TrimSpace(after)[:1]); state {
			case "T":
				return
			case "Z":
				c.t.Fatalf("it ended instead of stopping:\n%s", c.said())
			}
		}
		if err != nil || time.Since(began) > patience {
			c.t.Fatalf("it did not stop: %v\n%s", err, c.said())
		}
	}
}

// biggest is the image's file, or the biggest of its files.
func biggest(t *testing.T, image string) string {
	t.Helper()
	var paths []string
	size := func(path string) int64 {
		fi, err := os.Lstat(path)
		if err != nil || !fi.Mode().IsRegular() {
			return -1
		}
		return fi.Size()
	}
	err := filepath.WalkDir(image, func(path string, _ os.DirEntry, err error) error {
		paths = append(paths, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.MaxFunc(paths, func(a, b string) int { return int(size(a) - size(b)) })
}

func change(t *testing.T, path string, f func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
