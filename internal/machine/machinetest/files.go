package machinetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
)

// testFiles: this is what Put and Get of a communicator must do.
func testFiles(t *testing.T, c inside) {
	t.Run("modes", func(t *testing.T) {
		for mode, want := range map[fs.FileMode]string{0o644: "644", 0o600: "600", 0o755: "755", 0o440: "440"} {
			for range 2 { // the second replaces a file of the same mode, if only by a rename
				if err := c.Put(t.Context(), c.at("mode"), mode, strings.NewReader("x")); err != nil {
					t.Fatalf("%o: %v", mode, err)
				}
			}
			if got := strings.TrimSpace(c.sh("stat -c %a " + c.at("mode"))); got != want {
				t.Errorf("mode = %s, want %s", got, want)
			}
		}
	})
	t.Run("runs what was put", func(t *testing.T) {
		if err := c.Put(t.Context(), c.at("script"), 0o755, strings.NewReader("#!/bin/sh\necho \"$0 $1\"\n")); err != nil {
			t.Fatal(err)
		}
		if got := c.sh(c.at("script") + " arg"); got != c.at("script")+" arg\n" {
			t.Errorf("output %q", got)
		}
	})
	t.Run("strange names", func(t *testing.T) {
		for _, name := range []string{"a b", "it's", "$HOME", "-n", "ümlaut", `back\slash`, "*"} {
			c.put(name, name)
			c.want(name, name)
		}
	})
	t.Run("empty", func(t *testing.T) {
		c.put("empty", "")
		c.want("empty", "")
	})
	t.Run("10 MiB", func(t *testing.T) {
		big := make([]byte, 10<<20)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range big {
			big[i] = byte(r.Uint32())
		}
		if err := c.Put(t.Context(), c.at("big"), 0o644, bytes.NewReader(big)); err != nil {
			t.Fatal(err)
		}
		var back bytes.Buffer
		if err := c.Get(t.Context(), c.at("big"), &back); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.Bytes(), big) {
			t.Errorf("%d bytes came back, and they differ", back.Len())
		}
		if out := c.sh("cat " + c.at("big")); out != string(big) {
			t.Errorf("%d bytes by cat, and they differ", len(out))
		}
	})
	t.Run("replaces in one step or not at all", func(t *testing.T) {
		c.sh("mkdir " + c.at("step"))
		c.put("step/file", "old")
		boom := errors.New("boom")
		err := c.Put(t.Context(), c.at("step/file"), 0o644, io.MultiReader(strings.NewReader(strings.Repeat("new", 1<<16)), failing{boom}))
		if !errors.Is(err, boom) {
			t.Errorf("err = %v, want the reader's", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = c.Put(ctx, c.at("step/file"), 0o644, readerFunc(func(p []byte) (int, error) {
			cancel()
			return len(p), nil
		}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want that it was cancelled", err)
		}
		c.want("step/file", "old")
		if got := c.sh("ls -A " + c.at("step")); got != "file\n" {
			t.Errorf("directory holds %q", got)
		}
		c.put("step/file", "new")
		c.want("step/file", "new")
	})
	t.Run("no parent", func(t *testing.T) {
		if err := c.Put(t.Context(), c.at("no/parent"), 0o644, strings.NewReader("x")); err == nil {
			t.Error("put made a parent, or lost the file")
		}
		c.wantMissing("no/parent")
	})
	t.Run("not a file", func(t *testing.T) {
		if err := c.Put(t.Context(), c.dir, 0o644, strings.NewReader("x")); err == nil {
			t.Error("put replaced a directory")
		}
		if err := c.Get(t.Context(), c.dir, io.Discard); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("get of a directory: %v", err)
		}
	})
	t.Run("no file", func(t *testing.T) {
		c.wantMissing("never")
		c.wantMissing("never/never")
	})
	t.Run("unwilling writer", func(t *testing.T) {
		c.put("unwilling", "text")
		boom := errors.New("boom")
		if err := c.Get(t.Context(), c.at("unwilling"), failing{boom}); !errors.Is(err, boom) {
			t.Errorf("err = %v, want the writer's", err)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
