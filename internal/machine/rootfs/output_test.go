package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
)

// TestFormats captures the same machine in every form, boots each from its bytes
// alone, and refuses each when damaged.
func TestFormats(t *testing.T) {
	needMachines(t)
	no := false
	for name, out := range map[string]Output{
		"tar.zst": {Format: "tar.zst"}, "dir": {Format: "dir"}, "oci": {Format: "oci"}, "oci layers": {Format: "oci", Squash: &no},
	} {
		t.Run(name, func(t *testing.T) {
			dest := t.TempDir()
			out.Directory = filepath.Join(dest, "images")
			r := try(t, Config{Archive: tiny(t, nil), Outputs: []Output{out}, ImageName: "web"})
			r.snapshot()
			r.sh(0, "mkdir -p /srv/a/b; echo 1 > /srv/a/one; echo 1 > /srv/gone; echo 1 > /srv/a/b/deep; chown 1000:1001 /srv/a/one; chmod 4755 /srv/a/one")
			r.snapshot()
			r.sh(0, "rm /srv/gone; rm -r /srv/a/b; mkdir /srv/a/b; echo 2 > /srv/a/two")
			r.snapshot()
			r.sh(0, "mv /srv/a /srv/moved; ln -s moved /srv/link")
			want := r.sh(0, "cd /srv; ls -lnR --time-style=+ .; cat moved/one moved/two")
			img, err := r.m.Capture(t.Context(), r.env)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			// No layer is needed from here on.
			if err := os.Rename(r.b.places.layers().dir, filepath.Join(dest, "hidden")); err != nil {
				t.Fatal(err)
			}
			if img, err = r.b.Publish(t.Context(), img, r.env); err != nil {
				t.Fatal(err)
			}
			if img.ID != img.Files[0] || filepath.Dir(img.ID) != out.Directory {
				t.Errorf("published as %+v", img)
			}
			if _, err := r.b.Publish(t.Context(), img, r.env); err == nil || !strings.Contains(err.Error(), "-force") {
				t.Errorf("published over what is there: %v", err)
			}
			if r.m, err = r.b.Boot(t.Context(), img, r.env); err != nil {
				t.Fatal(err)
			}
			if got := r.sh(0, "cd /srv; ls -lnR --time-style=+ .; cat moved/one moved/two"); got != want {
				t.Errorf("the image holds\n%s\nwant\n%s", got, want)
			}
			if err := r.m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			parent, err := New(Config{ParentImage: "web:1"}, Deps{State: r.b.deps.State, Parent: parents(img)})
			if err != nil {
				t.Fatal(err)
			}
			if r.m, err = parent.Start(t.Context(), r.env); err != nil {
				t.Fatal(err)
			}
			if got := r.sh(0, "cat /srv/link/one /srv/link/two"); got != "1\n2" {
				t.Errorf("a child of the image holds %q", got)
			}
			if err := r.m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.env.Files.Keep(t.Context()); err != nil {
				t.Fatal(err)
			}
			spoil(t, img)
			if _, err := r.b.Boot(t.Context(), img, r.env); err == nil || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("a damaged image: %v", err)
			}
		})
	}
}

// spoil changes one byte in the middle of the largest file of an image.
func spoil(t *testing.T, img image.Image) {
	t.Helper()
	var largest string
	var size int64
	err := filepath.WalkDir(img.ID, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		fi, err := d.Info()
		if err == nil && fi.Size() > size {
			largest, size = path, fi.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(largest, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], size/2); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x55
	if _, err := f.WriteAt(b[:], size/2); err != nil {
		t.Fatal(err)
	}
}

// TestDeepStack: a chain that grows too long is flattened, and nobody sees it.
func TestDeepStack(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	r.b.stack = 3
	r.snapshot()
	for i := range 8 {
		r.sh(0, "rm -f /srv/last; echo x >> /srv/all; echo x > /srv/last; touch /srv/file"+string(rune('0'+i)))
		r.snapshot()
		if n := len(r.m.(*rootMachine).chain); n > 3 {
			t.Errorf("%d layers are stacked", n)
		}
	}
	if got := r.sh(0, "grep -c x /srv/all; ls /srv"); got != "8\nall\nfile0\nfile1\nfile2\nfile3\nfile4\nfile5\nfile6\nfile7\nlast" {
		t.Errorf("the machine holds %q", got)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestNothingDone: a step that changes nothing leaves no files, and one that is
// not even connected to starts nothing.
func TestNothingDone(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	r.snapshot()
	base := r.m.(*rootMachine).chain
	for range 3 {
		r.snapshot()
	}
	if m := r.m.(*rootMachine); m.life != nil || m.seat.run.(*rootRunner).netID != "" || len(m.chain) != len(base) {
		t.Errorf("a machine that nobody connected to occupies %+v on %v", m.seat, m.chain)
	}
	r.sh(0, "true")
	r.snapshot()
	if m := r.m.(*rootMachine); len(m.chain) != len(base) {
		t.Errorf("a command that changes nothing left a layer: %v", m.chain)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
