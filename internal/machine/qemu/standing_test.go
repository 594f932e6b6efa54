package qemu

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestStandsOn: disks tell what they stand on, however they name it.
func TestStandsOn(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath(imgProgram); err != nil {
		t.Skipf("needs %s: install %s", imgProgram, packageOf(imgProgram))
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(dir, "base.vmdk")
	if err := qemuImg(t.Context(), "create", "-q", "-f", "vmdk", base, "1M"); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"whole.qcow2": {[]string{"-f", "qcow2"}, ""},
		"old.qcow2":   {[]string{"-f", "qcow2", "-o", "compat=0.10"}, ""},
		"whole.vmdk":  {[]string{"-f", "vmdk"}, ""},
		"whole.raw":   {[]string{"-f", "raw"}, ""},
		"whole.vdi":   {[]string{"-f", "vdi"}, ""},
		"over.qcow2":  {[]string{"-f", "qcow2", "-b", secret, "-F", "raw"}, secret},
		"gone.qcow2":  {[]string{"-f", "qcow2", "-u", "-b", "../gone", "-F", "raw"}, "../gone"},
		"data.qcow2":  {[]string{"-f", "qcow2", "-o", "data_file=" + filepath.Join(dir, "data")}, unnamed},
		"over.vmdk":   {[]string{"-f", "vmdk", "-b", base, "-F", "vmdk"}, base},
	} {
		path := filepath.Join(dir, name)
		if err := qemuImg(t.Context(), slices.Concat([]string{"create", "-q"}, tt.args, []string{path, "1M"})...); err != nil {
			t.Fatal(err)
		}
		if got, err := standsOn(path); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
	// QEMU finds the parent of a vmdk in these all the same.
	over, err := os.ReadFile(filepath.Join(dir, "over.vmdk"))
	if err != nil {
		t.Fatal(err)
	}
	for name, odd := range map[string][]byte{
		"elsewhere.vmdk": slices.Concat(over[:28], []byte{100}, over[29:]),
		"written.vmdk":   bytes.Replace(over, []byte(`Hint="`), []byte("Hint :"), 1),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, odd, 0o600); err != nil {
			t.Fatal(err)
		}
		told, err := exec.Command(imgProgram, "info", path).Output()
		if err != nil || !strings.Contains(string(told), "backing file: "+base) {
			t.Errorf("%s: QEMU finds no parent: %s, %v", name, told, err)
		}
		if got, err := standsOn(path); got != base || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, base)
		}
	}
	top := filepath.Join(dir, "top.qcow2")
	if err := qemuImg(t.Context(), "create", "-q", "-f", "qcow2", "-b", "over.qcow2", "-F", "qcow2", top); err != nil {
		t.Fatal(err)
	}
	if got := below(top); !slices.Equal(got, []string{filepath.Join(dir, "over.qcow2"), secret}) {
		t.Errorf("below %q", got)
	}

	key := func() cache.Key {
		t.Helper()
		c := usual()
		c.ISO.URL, c.Checksum, c.Image, c.SSH.Username = top, "none", true, "root"
		b, err := New(c, Deps{State: dir})
		h := cache.NewHash("", KindName, []byte("secret"))
		if err := errors.Join(err, b.Fingerprint(t.Context(), h)); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	first := key()
	if err := os.WriteFile(secret, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key() == first {
		t.Error("what is below the disk does not count")
	}
}

// TestDownloadReadsNoFiles: a disk from elsewhere brings no file of this host into a machine.
func TestDownloadReadsNoFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	disk := filepath.Join(b.home, "over.qcow2")
	if err := qemuImg(t.Context(), "create", "-q", "-f", "qcow2", "-b", c.ISO.URL, "-F", "raw", disk); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.FileServer(http.Dir(b.home)))
	defer web.Close()
	c.ISO.URL = web.URL + "/over.qcow2"
	for _, c.Backing = range []bool{false, true} {
		for _, c.ISOSkipCache = range []bool{false, true} {
			_, err := b.start(c)
			b.wantError(err, "it stands on "+filepath.Join(b.home, "sector.raw"), "qemu-img convert")
		}
	}
	c.ISO.URL, c.Backing, c.ISOSkipCache = disk, false, false
	if _, err := b.start(c); err != nil {
		t.Errorf("one of this host's own: %v", err)
	}
}

func FuzzStandsOn(f *testing.F) {
	qcow2 := make([]byte, 120)
	copy(qcow2, "QFI\xfb\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x70\x00\x00\x00\x03")
	f.Add(qcow2)
	vmdk := make([]byte, 512)
	copy(vmdk, "KDMV\x01\x00\x00\x00\x03\x00\x00\x00\x01")
	f.Add(append(vmdk, `parentFileNameHint="x"`...))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "disk")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = standsOn(path)
		_ = below(path)
	})
}

// TestDamagedNotes: a layer whose note makes no sense is none.
func TestDamagedNotes(t *testing.T) {
	t.Parallel()
	l := layers{t.TempDir()}
	const a, b = "pmaaaaaaaaaa", "pmbbbbbbbbbb"
	for _, ref := range []string{a, b} {
		disk := l.disk(ref, 0)
		if err := errors.Join(os.MkdirAll(filepath.Dir(disk), 0o700), os.WriteFile(disk, []byte("disk"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	one := []frozen{{Format: "raw", Size: 4}}
	for name, tt := range map[string]struct {
		a, b note
		want string
	}{
		"whole":           {note{Disks: one}, note{Below: a, Disks: one}, ""},
		"in a circle":     {note{Below: b, Disks: one}, note{Below: a, Disks: one}, "stands on itself"},
		"on itself":       {note{Disks: one}, note{Below: b, Disks: one}, "stands on itself"},
		"without disks":   {note{}, note{Below: a, Disks: one}, "names no disk"},
		"of another size": {note{Disks: []frozen{{Format: "raw", Size: 5}}}, note{Below: a, Disks: one}, "has 4 bytes"},
		"elsewhere":       {note{Disks: one}, note{Below: "../x", Disks: one}, "no layer's name"},
	} {
		if err := errors.Join(l.write(a, tt.a), l.write(b, tt.b)); err != nil {
			t.Fatal(err)
		}
		_, err := l.whole(t.Context(), b)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, machine.ErrGone) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	if got := shortened(strings.Repeat("x\n", 300)+"end", 2); got != "x\nx\nand 299 lines more" {
		t.Error(got)
	}
	if got := shortened("a\nb", 2); got != "a\nb" {
		t.Error(got)
	}
}
