package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// bootable is what a tree needs beside its commands to be made a disk of. None of it runs.
func bootable() map[string]string {
	return map[string]string{
		"usr/sbin/init": "init", "boot/vmlinuz-1": "kernel", "boot/initrd.img-1": "initrd",
		"usr/lib/systemd/systemd": "systemd", "usr/bin/systemd-repart": "repart",
	}
}

func TestDisks(t *testing.T) {
	needMachines(t)
	makeDisks(t)
}

func TestRootlessDisks(t *testing.T) {
	if os.Getenv(asUserEnv) == "" {
		asUser(t, "TestRootlessDisks")
		return
	}
	makeDisks(t)
}

// makeDisks captures one machine as an archive and as disks, and moves each to its place.
func makeDisks(t *testing.T) {
	t.Helper()
	if err := disk.Require(disk.Options{BIOS: true, UEFI: true}, disk.Form{}); err != nil {
		t.Skip(err)
	}
	dest := t.TempDir()
	images, here := filepath.Join(dest, "images"), filepath.Join(dest, "here")
	never := false
	r := try(t, Config{Archive: tiny(t, bootable()), ImageName: "web", ProveBoot: &never, Outputs: []Output{
		{Format: "qcow2", Directory: images, DiskSize: "128M"}, {Format: "tar.zst", Directory: here}, {Format: "raw", Directory: images, DiskSize: "128M"},
		{Format: "ova", Directory: images, DiskSize: "160M", Boot: []string{"uefi"}},
	}})
	r.sh(0, "echo told > /srv/told")
	if _, err := r.m.(machine.Completer).Complete(t.Context(), image.Image{}, r.env); err == nil {
		t.Error("a machine that was not captured is completed")
	}
	part, err := r.m.Capture(t.Context(), r.env)
	if err != nil {
		t.Fatal(err)
	}
	if len(part.Disks) > 0 || len(part.Files) != 1 {
		t.Errorf("gate 2 starts the archive, and waits for %+v", part)
	}
	if part.Facts[factFrames] == "" {
		t.Error("the next capture can copy nothing from the archive")
	}
	img, err := r.m.(machine.Completer).Complete(t.Context(), part, r.env)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.env.Output, ".*")); len(left) > 0 {
		t.Errorf("left in the image's directory: %v", left)
	}
	if len(img.Disks) != 3 || img.Disks[0].Room != 128<<20 || img.Disks[2].Room != 160<<20 || !slices.Equal(img.Disks[2].Boot, []string{"uefi"}) {
		t.Errorf("captured %+v", img.Disks)
	}
	if img, err = r.b.Publish(t.Context(), img, r.env); err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(here, "web.tar.zst"), filepath.Join(images, "web.qcow2"), filepath.Join(images, "web.raw"), filepath.Join(images, "web.ova")}
	if !slices.Equal(img.Files, want) || img.ID != want[0] || img.Disks[1].Path != want[2] {
		t.Errorf("published as %+v", img)
	}
	if got := r.b.Places("any"); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("places are %v, the files %v", got, want)
	}
	if err := r.b.Verify(t.Context(), img); err != nil {
		t.Error(err)
	}
	if r.m, err = r.b.Boot(t.Context(), img, r.env); err != nil {
		t.Fatal(err)
	}
	if got := r.sh(0, "cat /srv/told; ls /usr/lib/proofmark /etc/systemd/system/local-fs.target.wants"); !strings.Contains(got, "told") || !strings.Contains(got, "proofmark-grow-root.service") {
		t.Errorf("the archive beside the disks holds %q", got)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.env.Files.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(img.Disks[0].Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{1}, 70_000); err != nil {
		t.Fatal(err)
	}
	if err := r.b.Verify(t.Context(), img); err == nil || !strings.Contains(err.Error(), "web.qcow2") {
		t.Errorf("a damaged disk: %v", err)
	}
}

// TestNoKernel: what cannot boot is no disk, and nothing of one is left.
func TestNoKernel(t *testing.T) {
	needMachines(t)
	if err := disk.Require(disk.Options{BIOS: true, UEFI: true}, disk.Form{}); err != nil {
		t.Skip(err)
	}
	for name, tt := range map[string]struct {
		without string
		o       Output
		want    string
	}{
		"no kernel":     {"boot/vmlinuz-1", Output{Format: "qcow2"}, "linux-image-cloud-amd64"},
		"too small":     {"", Output{Format: "raw", DiskSize: "70M"}, "raise disk_size"},
		"no cloud-init": {"", Output{Format: "raw", CloudInit: ptr(true)}, "install cloud-init"},
	} {
		files := bootable()
		delete(files, tt.without)
		r := try(t, Config{Archive: tiny(t, files), Outputs: []Output{tt.o}})
		img, err := r.m.Capture(t.Context(), r.env)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.m.(machine.Completer).Complete(t.Context(), img, r.env); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", name, err, tt.want)
		}
		if left, _ := os.ReadDir(r.env.Output); len(left) != 1 {
			t.Errorf("%s: left %v, want the archive alone", name, left)
		}
		if err := r.m.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestSameDiskOfACopy: a copy of a tree, made in another order, gives the same bytes.
func TestSameDiskOfACopy(t *testing.T) {
	t.Parallel()
	if err := disk.Require(disk.Options{BIOS: true, UEFI: true}, disk.Form{Format: disk.Raw}); err != nil {
		t.Skip(err)
	}
	files := bootable()
	for i := range 200 {
		files[fmt.Sprintf("srv/%03d", i)] = strings.Repeat("x", i*100)
	}
	dir := t.TempDir()
	var sums []image.Digest
	for _, backwards := range []bool{false, true} {
		names := slices.Sorted(maps.Keys(files))
		if backwards {
			slices.Reverse(names)
		}
		root := filepath.Join(dir, fmt.Sprint("tree", backwards))
		for _, name := range names {
			path := filepath.Join(root, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(files[name]), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		when := time.Unix(1_700_000_000, 0)
		if err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
			return errors.Join(err, os.Chtimes(path, when, when))
		}); err != nil {
			t.Fatal(err)
		}
		raw := filepath.Join(dir, fmt.Sprint("disk", backwards))
		err := disk.Write(t.Context(), disk.Tree{Digest: "sha256:ab", Content: 4 << 20, Entries: 300, Tar: func(ctx context.Context, w io.Writer) error {
			return tree.WriteTar(ctx, root, w, tree.CaptureOptions{})
		}}, disk.Options{Name: "web", BIOS: true, UEFI: true, Size: 128 << 20}, disk.Form{Format: disk.Raw}, raw)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := disk.Sum(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, sum)
	}
	if sums[0] != sums[1] {
		t.Errorf("the disks are %v", sums)
	}
}

func ptr[T any](v T) *T { return &v }
