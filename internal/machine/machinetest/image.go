package machinetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// plant makes files of several kinds, and harvest describes them.
func plant(c inside) {
	c.sh(`mkdir -p /srv/tree/empty /srv/tree/closed
		echo text > /srv/tree/file; chmod 640 /srv/tree/file
		printf '#!/bin/sh\necho runs\n' > /srv/tree/script; chmod 755 /srv/tree/script
		: > /srv/tree/nothing; echo x > "/srv/tree/a name"; chmod 750 /srv/tree/closed
		ln -s file /srv/tree/link; ln -s /srv/tree/file /srv/tree/absolute; ln -s /nowhere /srv/tree/dangling`)
}

func harvest(c inside) string {
	return c.sh(`cd /srv/tree; ls -A; for f in *; do
			if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"; else stat -c '%n %a %F' "$f"; fi
		done; cat file nothing "a name" link absolute; ./script`)
}

// capture captures a machine and checks what the image says of itself.
func capture(t *testing.T, b *bench, m machine.Machine) image.Image {
	t.Helper()
	img, err := m.Capture(t.Context(), b.env)
	if err != nil {
		t.Fatalf("capture: %v", err)
	}
	if c, ok := m.(machine.Completer); ok && c.Incomplete(img) {
		if img, err = c.Complete(t.Context(), img, b.env); err != nil {
			t.Fatalf("complete: %v", err)
		}
	}
	if img.Builder != b.o.Kind {
		t.Errorf("image is of builder %q, want %q", img.Builder, b.o.Kind)
	}
	if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(string(img.Digest)) {
		t.Errorf("image has digest %q", img.Digest)
	}
	if img.Size <= 0 || img.Format == "" || img.ID == "" {
		t.Errorf("image says too little of itself: %+v", img)
	}
	for _, f := range img.Files {
		if rel, err := filepath.Rel(b.env.Output, f); err != nil || !filepath.IsLocal(rel) {
			t.Errorf("image file %s is not below %s", f, b.env.Output)
		}
		if _, err := os.Lstat(f); err != nil {
			t.Error(err)
		}
	}
	return img
}

// starting is machine.Booter's Boot, or machine.DiskBooter's BootDisk.
type starting func(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error)

// testBoot starts machines from an image whose files are as harvest gave them. pair looks
// at two that run.
func testBoot(t *testing.T, b *bench, name string, start starting, img image.Image, want string, pair func(t *testing.T, machines ...machine.Machine)) {
	before := digests(t, img)
	boot := func(t *testing.T) (machine.Machine, inside) {
		t.Helper()
		m, err := start(t.Context(), img, b.env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b.adopt(t, m)
		return m, connect(t, m)
	}
	t.Run(name, func(t *testing.T) {
		m, c := boot(t)
		if got := harvest(c); got != want {
			t.Errorf("the booted image holds\n%s\nwant\n%s", got, want)
		}
		c.sh("echo changed > /srv/tree/file; rm -r /srv/tree/script; echo new > /srv/tree/new")
		other, inOther := boot(t)
		if got := harvest(inOther); got != want {
			t.Errorf("beside another machine of the same image it holds\n%s\nwant\n%s", got, want)
		}
		pair(t, m, other)
		closeMachine(t, m)
		if after := digests(t, img); after != before {
			t.Errorf("booting changed the captured bytes")
		}
	})
	t.Run(name+" cancelled", func(t *testing.T) {
		m, err := start(cancelled(t), img, b.env)
		if err != nil {
			return
		}
		b.adopt(t, m)
		if _, err := m.Connect(cancelled(t)); err == nil {
			t.Error("booted")
		}
	})
}

// testTwins: nothing that is a machine's own is the same in two that boot a disk, and each
// can be seen from outside.
func testTwins(t *testing.T, machines ...machine.Machine) {
	t.Helper()
	for _, path := range []string{"/proc/sys/kernel/random/boot_id", "/proc/net/fib_trie"} {
		a, b := connect(t, machines[0]).sh("cat "+path), connect(t, machines[1]).sh("cat "+path)
		if a == "" || a == b {
			t.Errorf("%s is %q and %q", path, a, b)
		}
	}
	for i, m := range machines {
		w, ok := m.(machine.Witness)
		if !ok {
			t.Fatalf("%T tells nothing of its boot", m)
		}
		if e := w.Evidence(t.Context()); e.Firmware == "" || e.Took <= 0 || len(e.Console) == 0 || !bytes.HasPrefix(e.Screen, []byte("\x89PNG")) {
			t.Errorf("machine %d: firmware %q, up after %s, %d bytes of console, screen %.8q", i, e.Firmware, e.Took, len(e.Console), e.Screen)
		}
	}
}

func testImage(t *testing.T, o Options) {
	b := newBench(t, o)
	m := b.start(t)
	c := connect(t, m)
	plant(c)
	want := harvest(c)
	c.sh("sleep 300 >/dev/null 2>&1 &")
	img := capture(t, b, m)
	if _, exit, err := c.try(t.Context(), machine.Command{Line: "true"}); err == nil {
		t.Errorf("a command ran in a captured machine: exit %d", exit)
	}
	closeMachine(t, m)

	booter, boots := b.builder.(machine.Booter)
	disks, disk := b.builder.(machine.DiskBooter)
	disk = disk && disks.ProvesBoot()
	if boots {
		testBoot(t, b, "boot", booter.Boot, img, want, func(*testing.T, ...machine.Machine) {})
	}
	if disk {
		testBoot(t, b, "boot disk", disks.BootDisk, img, want, testTwins)
	}
	if !boots && !disk {
		return
	}
	if held := b.held(t); len(held) > 0 {
		t.Errorf("the ledger holds %v", held)
	}
	if len(img.Files) == 0 {
		return // its bytes are the platform's
	}
	verifier, verifies := b.builder.(machine.Verifier)
	if verifies {
		if err := verifier.Verify(t.Context(), img); err != nil {
			t.Errorf("what was captured is said to be damaged: %v", err)
		}
	}
	for _, d := range []struct {
		name string
		do   func(f *os.File, size int64) error
	}{
		{"a byte is wrong", func(f *os.File, size int64) error { _, err := f.WriteAt([]byte("#"), size/2); return err }},
		{"cut short", func(f *os.File, size int64) error { return f.Truncate(size / 2) }},
	} {
		t.Run(d.name, func(t *testing.T) {
			damage(t, img, d.do)
			if verifies && verifier.Verify(t.Context(), img) == nil {
				t.Error("the damage is not seen")
			}
			if !boots {
				return // a disk may boot whose middle is not as it was
			}
			m, err := booter.Boot(t.Context(), img, b.env)
			if err != nil {
				return
			}
			b.adopt(t, m)
			if _, err := m.Connect(t.Context()); err == nil {
				t.Error("a damaged image boots")
			}
		})
	}
}

// files calls f with every regular file of an image.
func files(t testing.TB, img image.Image, f func(path string)) {
	t.Helper()
	for _, top := range img.Files {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				f(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func digests(t testing.TB, img image.Image) string {
	t.Helper()
	var all strings.Builder
	files(t, img, func(path string) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s %x\n", path, h.Sum(nil))
	})
	return all.String()
}

// damage does something to the largest file of an image.
func damage(t testing.TB, img image.Image, do func(f *os.File, size int64) error) {
	t.Helper()
	var largest string
	var size int64 = -1
	files(t, img, func(path string) {
		if fi, err := os.Lstat(path); err == nil && fi.Size() > size {
			largest, size = path, fi.Size()
		}
	})
	f, err := os.OpenFile(largest, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(do(f, size), f.Close()); err != nil {
		t.Fatal(err)
	}
}
