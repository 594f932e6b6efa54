package tree

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	src := sample(t)
	want := listing(t, src)
	wantDigest, err := DirDigest(t.Context(), src)
	must(t, err)
	unpack := func(archive string, c Captured) func(string) error {
		return func(to string) error {
			_, err := UnpackFile(t.Context(), archive, to, UnpackOptions{AllDevices: true, Digest: c.Digest})
			return err
		}
	}
	oci := func(layout string, c Captured) func(string) error {
		return func(to string) error {
			i, err := OpenOCI(layout, "", "")
			if err != nil {
				return err
			}
			_, err = i.Unpack(t.Context(), to, UnpackOptions{AllDevices: true, Digest: c.Digest})
			return err
		}
	}
	for name, f := range map[string]func(out string) (format string, c Captured, restore func(to string) error, err error){
		"tar": func(out string) (string, Captured, func(string) error, error) {
			c, err := CaptureTar(t.Context(), src, out, CaptureOptions{})
			return TarZst, c, unpack(out, c), err
		},
		"tar small": func(out string) (string, Captured, func(string) error, error) {
			c, err := CaptureTar(t.Context(), src, out, CaptureOptions{Level: 2})
			return TarZst, c, unpack(out, c), err
		},
		"oci": func(out string) (string, Captured, func(string) error, error) {
			c, err := CaptureOCI(t.Context(), []string{src}, out, OCIOptions{})
			return OCI, c, oci(out, c), err
		},
		"oci gzip": func(out string) (string, Captured, func(string) error, error) {
			c, err := CaptureOCI(t.Context(), []string{src}, out, OCIOptions{Gzip: true})
			return OCI, c, oci(out, c), err
		},
		"dir": func(out string) (string, Captured, func(string) error, error) {
			c, err := CaptureDir(t.Context(), src, out, CaptureOptions{})
			if c.Digest != wantDigest {
				t.Errorf("CaptureDir's digest is %s, DirDigest's %s", c.Digest, wantDigest)
			}
			return Dir, c, func(to string) error {
				_, err := CaptureDir(t.Context(), out, filepath.Join(to, "x"), CaptureOptions{})
				if err != nil {
					return err
				}
				if err := os.Remove(to); err == nil {
					return errors.New("it is empty")
				}
				return os.Rename(filepath.Join(to, "x"), to+".x")
			}, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, to := filepath.Join(dir, "out"), filepath.Join(dir, "to")
			format, c, restore, err := f(out)
			must(t, err)
			must(t, Verify(t.Context(), out, format, c.Digest))
			if left := names(t, dir); !slices.Equal(left, []string{"out"}) {
				t.Errorf("there is more than the image: %q", left)
			}
			must(t, os.Mkdir(to, 0o755))
			must(t, restore(to))
			if format == Dir {
				to += ".x"
			}
			same(t, "restored tree", want, listing(t, to))
			if n := blocked(t, filepath.Join(to, "var/sparse")); n > 2<<20 {
				t.Errorf("a file with holes takes %d bytes", n)
			}
		})
	}
}

func TestCaptureReproducible(t *testing.T) {
	t.Parallel()
	src := sample(t)
	dir := t.TempDir()
	a, err := CaptureTar(t.Context(), src, filepath.Join(dir, "a"), CaptureOptions{})
	must(t, err)
	copied := filepath.Join(dir, "copy")
	_, err = CaptureDir(t.Context(), src, copied, CaptureOptions{})
	must(t, err)
	b, err := CaptureTar(t.Context(), copied, filepath.Join(dir, "b"), CaptureOptions{})
	must(t, err)
	if a.Digest != b.Digest {
		t.Errorf("the same tree gives %s and %s", a.Digest, b.Digest)
	}
}

// GNU tar is what people will open an image with.
func TestCaptureReadByTar(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for _, p := range []string{"tar", "zstd"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("%s is missing: apt-get install --no-install-recommends %s", p, p)
		}
	}
	src, dir := sample(t), t.TempDir()
	out, to := filepath.Join(dir, "out.tar.zst"), filepath.Join(dir, "to")
	_, err := CaptureTar(t.Context(), src, out, CaptureOptions{})
	must(t, err)
	must(t, os.Mkdir(to, 0o755))
	cmd := exec.Command("tar", "--zstd", "--xattrs", "--xattrs-include=*", "-xpf", out, "-C", to)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	same(t, "unpacked by tar", listing(t, src), listing(t, to))
}

func TestCaptureLeavesSocketsOut(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(src, "socket"))
	must(t, err)
	defer l.Close()
	c, err := CaptureTar(t.Context(), src, filepath.Join(t.TempDir(), "out"), CaptureOptions{})
	must(t, err)
	if c.Entries != 1 {
		t.Errorf("captured %d entries, want the root alone", c.Entries)
	}
}

// A file that is written to while it is read must not become part of an image.
func TestCaptureNoticesChange(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"large": 8 << 20, "small": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := t.TempDir()
			path := filepath.Join(src, "file")
			must(t, os.WriteFile(path, make([]byte, size), 0o644))
			r, err := openRoot(src)
			must(t, err)
			defer r.Close()
			s := &scanner{root: r, keep: keepXattr}
			s.visit = func(e *entry) error {
				if e.name != "file" {
					return nil
				}
				// Listed, not read yet: now it grows.
				return os.WriteFile(path, make([]byte, size+1), 0o644)
			}
			a := archiver{scanner: *s, ctx: t.Context()}
			s.emit = func(e *entry) error {
				if !e.isRegular() || e.data != nil {
					return nil
				}
				f, err := a.open(e)
				if err != nil {
					return err
				}
				defer f.Close()
				if _, err := io.Copy(io.Discard, f); err != nil {
					return err
				}
				return f.unchanged()
			}
			if err := s.run(t.Context()); !errors.Is(err, ErrChanged) {
				t.Errorf("got %v, want ErrChanged", err)
			}
		})
	}
}

func TestCaptureRefuses(t *testing.T) {
	t.Parallel()
	needRoot(t)
	refused := func(t *testing.T, src, want string) {
		t.Helper()
		dir := t.TempDir()
		_, err := CaptureTar(t.Context(), src, filepath.Join(dir, "out"), CaptureOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if left := names(t, dir); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
	t.Run("mount", func(t *testing.T) {
		t.Parallel()
		src := t.TempDir()
		must(t, os.Mkdir(filepath.Join(src, "proc"), 0o755))
		mountTmpfs(t, filepath.Join(src, "proc"), "1m")
		refused(t, src, "mounted inside")
	})
	t.Run("whiteout", func(t *testing.T) {
		t.Parallel()
		src := t.TempDir()
		must(t, unix.Mknod(filepath.Join(src, "gone"), unix.S_IFCHR, 0))
		refused(t, src, "whiteout")
	})
}

func mountTmpfs(t *testing.T, dir, size string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mount is missing: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// Whatever stops a capture, it says so and leaves nothing.
func TestCaptureFails(t *testing.T) {
	t.Parallel()
	captures := map[string]func(ctx context.Context, src, out string) error{
		"tar": func(ctx context.Context, src, out string) error {
			_, err := CaptureTar(ctx, src, out, CaptureOptions{})
			return err
		},
		"dir": func(ctx context.Context, src, out string) error {
			_, err := CaptureDir(ctx, src, out, CaptureOptions{})
			return err
		},
		"oci": func(ctx context.Context, src, out string) error {
			_, err := CaptureOCI(ctx, []string{src}, out, OCIOptions{})
			return err
		},
	}
	for name, capture := range captures {
		t.Run(name+" cancelled", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := capture(cancelled(), sample(t), filepath.Join(dir, "out")); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if left := names(t, dir); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
		t.Run(name+" missing", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := capture(t.Context(), filepath.Join(dir, "nosuch"), filepath.Join(dir, "out")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v", err)
			}
			if left := names(t, dir); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
		t.Run(name+" full disk", func(t *testing.T) {
			t.Parallel()
			needRoot(t)
			dir := t.TempDir()
			mountTmpfs(t, dir, "1m")
			src := t.TempDir()
			must(t, os.WriteFile(filepath.Join(src, "noise"), noise(4<<20), 0o644))
			err := capture(t.Context(), src, filepath.Join(dir, "out"))
			if !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "free some") {
				t.Errorf("got %v", err)
			}
			if left := names(t, dir); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
		if name == "tar" {
			continue
		}
		t.Run(name+" exists", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			must(t, os.Mkdir(filepath.Join(dir, "out"), 0o755))
			if err := capture(t.Context(), sample(t), filepath.Join(dir, "out")); !errors.Is(err, fs.ErrExist) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A capture that is cancelled in the middle stops there.
func TestCaptureCancel(t *testing.T) {
	t.Parallel()
	src, dir := t.TempDir(), t.TempDir()
	f, err := os.Create(filepath.Join(src, "huge"))
	must(t, err)
	must(t, f.Truncate(1<<40))
	must(t, f.Close())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err = CaptureTar(ctx, src, filepath.Join(dir, "out"), CaptureOptions{Progress: func(int64) { stop() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	src, dir := sample(t), t.TempDir()
	tarOut, dirOut, ociOut := filepath.Join(dir, "tar"), filepath.Join(dir, "dir"), filepath.Join(dir, "oci")
	ct, err := CaptureTar(t.Context(), src, tarOut, CaptureOptions{})
	must(t, err)
	cd, err := CaptureDir(t.Context(), src, dirOut, CaptureOptions{})
	must(t, err)
	co, err := CaptureOCI(t.Context(), []string{src}, ociOut, OCIOptions{})
	must(t, err)
	img, err := OpenOCI(ociOut, "", "")
	must(t, err)
	layer, err := blobPath(ociOut, img.Manifest.Layers[0].Digest)
	must(t, err)
	for _, c := range []struct {
		path, format, damage string
		Captured
	}{
		{tarOut, TarZst, tarOut, ct},
		{dirOut, Dir, filepath.Join(dirOut, "etc/passwd"), cd},
		{ociOut, OCI, layer, co},
	} {
		must(t, Verify(t.Context(), c.path, c.format, c.Digest))
		b, err := os.ReadFile(c.damage)
		must(t, err)
		b[len(b)/2] ^= 1
		must(t, os.WriteFile(c.damage, b, 0o644))
		if err := Verify(t.Context(), c.path, c.format, c.Digest); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: got %v", c.format, err)
		}
	}
}

// noise is content that does not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = byte(x)
	}
	return b
}
