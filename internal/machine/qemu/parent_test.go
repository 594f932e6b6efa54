package qemu

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
)

// child is a builder whose parent is an image; nil: there is none.
func child(t *testing.T, c Config, parent *image.Image) *Builder {
	t.Helper()
	c.ParentImage = "base"
	b, err := New(c, Deps{State: t.TempDir(), Parent: func(_ context.Context, ref string) (image.Image, error) {
		if parent == nil || ref != "base" {
			return image.Image{}, errors.New("no such image")
		}
		return *parent, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two := touch(t, filepath.Join(dir, "one")), touch(t, filepath.Join(dir, "two"))
	disk := func(boot ...string) *image.Image {
		return &image.Image{Builder: "rootfs", Format: "tar.zst", Disks: []image.Disk{{Path: one, Format: "qcow2", Digest: "sha256:1", Boot: boot}}}
	}
	var onUEFI Config
	onUEFI.EFI = true
	for name, tt := range map[string]struct {
		c      Config
		parent *image.Image
		fault  string
	}{
		"a disk":                   {parent: disk(bios, uefi)},
		"a disk on UEFI":           {c: onUEFI, parent: disk(bios, uefi)},
		"an image of this builder": {parent: &image.Image{Builder: KindName, Format: "qcow2", Files: []string{one}}},
		"none":                     {fault: "find parent base: no such image"},
		"no disk":                  {parent: &image.Image{Builder: "rootfs", Format: "tar.zst"}, fault: "it has no disk to start from: it is an image of builder rootfs: add an output block"},
		"several disks":            {parent: &image.Image{Builder: KindName, Format: "raw", Files: []string{one, two}}, fault: "it has 2 disks"},
		"for UEFI alone":           {parent: disk(uefi), fault: "boots on UEFI alone: set efi_boot = true"},
		"for a BIOS alone":         {c: onUEFI, parent: disk(bios), fault: "boots on a BIOS alone: take efi_boot away"},
		"its file is gone":         {parent: &image.Image{Builder: KindName, Format: "raw", Files: []string{filepath.Join(dir, "gone")}}, fault: "gone is not there any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := cache.Open(t.TempDir(), cache.Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = child(t, tt.c, tt.parent).Fingerprint(t.Context(), store.Hash("", "test"))
			switch {
			case tt.fault == "" && err != nil:
				t.Error(err)
			case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)):
				t.Errorf("error %v, want %q", err, tt.fault)
			}
		})
	}
}

// TestParentsDigest: another parent makes another machine.
func TestParentsDigest(t *testing.T) {
	t.Parallel()
	store, err := cache.Open(t.TempDir(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file := touch(t, filepath.Join(t.TempDir(), "disk"))
	key := func(d image.Digest) cache.Key {
		h := store.Hash("", "test")
		img := &image.Image{Builder: KindName, Format: "raw", Files: []string{file}, Digest: d}
		if err := child(t, Config{}, img).Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	one, same, other := key("sha256:1"), key("sha256:1"), key("sha256:2")
	if one != same || one == other {
		t.Error("the key does not follow the parent's digest")
	}
}

// TestWhoIsLetIn: a machine that was told to let one user in is not one for another.
func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	store, err := cache.Open(t.TempDir(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	img := &image.Image{Builder: KindName, Format: "raw", Files: []string{touch(t, filepath.Join(t.TempDir(), "disk"))}, Digest: "sha256:1"}
	key := func(user, password string) cache.Key {
		var c Config
		c.SSH.Username, c.SSH.Password = user, password
		h := store.Hash("", "test")
		if err := child(t, c, img).Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	if key("", "") != key("root", "") || key("root", "") == key("admin", "") {
		t.Error("the key does not follow who is let in")
	}
	if key("root", "x") != key("admin", "x") {
		t.Error("the key follows who has a way in of their own")
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	key, err := trialKey()
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Config)) *vm {
		var c Config
		change(&c)
		return &vm{b: child(t, c, nil), key: key}
	}
	if got := with(func(*Config) {}).invitation(); !slices.Equal(got, key.credentials("root")) {
		t.Errorf("for root: %q", got)
	}
	if got := with(func(c *Config) { c.SSH.Username = "admin" }).invitation(); !slices.Equal(got, key.credentials("admin")) || len(got) != 2 {
		t.Errorf("for another user: %q", got)
	}
	for name, change := range map[string]func(*Config){
		"a password": func(c *Config) { c.SSH.Password = "x" },
		"a key":      func(c *Config) { c.SSH.PrivateKeyFile = "x" },
		"an agent":   func(c *Config) { c.SSH.AgentAuth = true },
		"nobody":     func(c *Config) { c.Communicator = "none" },
	} {
		if got := with(change).invitation(); got != nil {
			t.Errorf("with %s: %q", name, got)
		}
	}
}

// TestParentsDisk starts machines from a parent's disk, and looks at what they stand on.
func TestParentsDisk(t *testing.T) {
	b := newBench(t)
	file := filepath.Join(t.TempDir(), "base.qcow2")
	if err := qemuImg(t.Context(), "create", "-q", "-f", "qcow2", file, "3M"); err != nil {
		t.Fatal(err)
	}
	sum, err := digest(t.Context(), []string{file}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	parent := image.Image{Builder: "rootfs", Disks: []image.Disk{{Path: file, Format: "qcow2", Digest: sum, Boot: []string{bios}}}}
	b.d.Parent = func(context.Context, string) (image.Image, error) { return parent, nil }
	c := usual()
	c.ParentImage, c.Format, c.ISO.URL = "base", "raw", ""
	for size, want := range map[string]int64{"": 3 << 20, "8M": 8 << 20} {
		c.Disks.Size = size
		m, err := b.start(c)
		if err != nil {
			t.Fatal(err)
		}
		fi, err := os.Stat(m.(*vm).disks[0])
		if err != nil || fi.Size() != want {
			t.Errorf("disk_size = %q: %v, %v", size, fi, err)
		}
		if err := m.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	c.Disks.Size = "1M"
	_, err = b.start(c)
	b.wantError(err, "larger than disk_size")
	if err := os.WriteFile(file, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = b.start(c)
	b.wantError(err, "is not what the catalog has of base")
}
