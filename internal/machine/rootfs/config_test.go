package rootfs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	no := false
	there := t.TempDir()
	archive := filepath.Join(there, "x.tar")
	if err := os.WriteFile(archive, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		c    Config
		want string // in the error; "" for none
	}{
		{"nothing", Config{}, ""},
		{"suite", Config{Suite: "trixie", Packages: []string{"nginx"}}, ""},
		{"archive", Config{Archive: archive, ArchiveChecksum: strings.Repeat("A", 64)}, ""},
		{"oci", Config{OCI: there + ":latest"}, ""},
		{"missing archive", Config{Archive: "missing.tar"}, "archive: stat missing.tar"},
		{"directory for an archive", Config{Archive: there}, "is not one: it is a directory"},
		{"missing layout", Config{OCI: "missing:latest"}, "oci: stat missing"},
		{"two bases", Config{Suite: "x", Archive: "y"}, "exclude each other"},
		{"packages of an archive", Config{Archive: "x", Packages: []string{"nginx"}}, "provisioner"},
		{"checksum alone", Config{ArchiveChecksum: "sha256:x"}, "no archive"},
		{"checksum", Config{Archive: "x", ArchiveChecksum: "md5:1"}, "64 hexadecimal"},
		{"format", Config{Outputs: []Output{{Format: "zip"}}}, `"zip" is unknown`},
		{"squash", Config{Outputs: []Output{{Squash: &no}}}, "needs format"},
		{"two disks", Config{Outputs: []Output{{Format: "raw"}, {Format: "ova", CPUs: 2, Memory: 512}, {Format: "vmdk", Subformat: "streamOptimized"}, {Format: "oci"}}}, ""},
		{"twice", Config{Outputs: []Output{{Format: "raw"}, {Format: "raw"}}}, "two blocks make a raw"},
		{"two trees", Config{Outputs: []Output{{Format: "oci"}, {Format: "dir"}}}, "an image has one of"},
		{"size", Config{Outputs: []Output{{Format: "raw", DiskSize: "huge"}}}, `"huge" is no size`},
		{"size without a unit", Config{Outputs: []Output{{Format: "raw", DiskSize: "20"}}}, `disk_size: "20" is 20 MiB, and no system's disk is so small`},
		{"size of archive", Config{Outputs: []Output{{Format: "dir", DiskSize: "1G"}}}, "disk_size counts for disks"},
		{"condition of archive", Config{Outputs: []Output{{Format: "dir", Condition: "true"}}}, "boot_condition counts for disks"},
		{"deadline of archive", Config{Outputs: []Output{{Format: "dir", Deadline: 1}}}, "boot_deadline counts for disks"},
		{"deadline", Config{Outputs: []Output{{Format: "raw", Deadline: -1}}}, "boot_deadline: -1ns is no time to wait"},
		{"firmware", Config{Outputs: []Output{{Format: "raw", Boot: []string{"coreboot"}}}}, `boot has "coreboot"`},
		{"cpus", Config{Outputs: []Output{{Format: "raw", CPUs: 2}}}, "count for ova"},
		{"compress", Config{Outputs: []Output{{Format: "vdi", Compress: &no}}}, "counts for qcow2"},
		{"subformat", Config{Outputs: []Output{{Format: "vmdk", Subformat: "flat"}}}, `subformat "flat" is unknown`},
		{"kernel", Config{Outputs: []Output{{Format: "raw", Kernel: []string{"a\nb"}}}}, "no option of a kernel"},
		{"arch", Config{Arch: "arm64", Outputs: []Output{{Format: "raw"}}}, "amd64"},
		{"layers", Config{Outputs: []Output{{Format: "oci", Squash: &no}}}, ""},
		{"keep", Config{Keep: []string{"package-list"}}, "there are"},
		{"kept", Config{Keep: []string{"package-lists"}}, ""},
		{"no catalog", Config{ParentImage: "base"}, "catalog"},
		{"keyring", Config{Keyring: "keys.gpg"}, "absolute"},
		{"oci without a directory", Config{OCI: ":x"}, "no directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.c, Deps{State: t.TempDir()})
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := New(Config{}, Deps{}); err == nil {
		t.Error("a builder without a state directory")
	}
}

// TestArchiveFingerprint: content counts, and nothing else; it is read once.
func TestKeepResidue(t *testing.T) {
	b, err := New(Config{Keep: []string{"package-lists"}}, Deps{State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	rules := machine.SealRules(b.KeepResidue())
	if len(rules) == 0 || slices.ContainsFunc(rules, func(r machine.SealRule) bool { return r.Name == "package-lists" }) {
		t.Errorf("rules = %+v", rules)
	}
}

func TestParentReference(t *testing.T) {
	for _, ref := range []string{"base", "base:latest", "base:3", "sha256:0123456789abcdef"} {
		b, err := New(Config{ParentImage: ref}, Deps{State: t.TempDir(), Parent: parents(image.Image{})})
		if err != nil || b.Parent() != ref {
			t.Errorf("parent of %q = %q, %v", ref, b.Parent(), err)
		}
	}
}

func TestOutputKey(t *testing.T) {
	key := func(o []Output) cache.Key {
		t.Helper()
		b, err := New(Config{Outputs: o}, Deps{State: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		h := cache.NewHash("", "image", nil)
		b.OutputKey(h)
		return h.Key()
	}
	none := key(nil)
	if key([]Output{{Format: "tar.zst"}}) != none {
		t.Error("what is said by default is another key")
	}
	t.Chdir(t.TempDir())
	here := key([]Output{{Directory: "out"}})
	if here == none || key([]Output{{Directory: "other"}}) == here || key([]Output{{Directory: "./out/"}}) != here {
		t.Error("the output directory does not decide the key")
	}
	t.Chdir(t.TempDir())
	if key([]Output{{Directory: "out"}}) == here {
		t.Error("one relative directory is the same from everywhere")
	}
	plain := key([]Output{{Format: "qcow2"}})
	for name, o := range map[string]Output{
		"none": {}, "format": {Format: "raw"}, "size": {Format: "qcow2", DiskSize: "2G"}, "boot": {Format: "qcow2", Boot: []string{"uefi"}},
		"kernel": {Format: "qcow2", Kernel: []string{"quiet"}}, "compress": {Format: "qcow2", Compress: new(bool)},
		"grow": {Format: "qcow2", GrowRoot: new(bool)}, "cloud-init": {Format: "qcow2", CloudInit: new(bool)},
	} {
		if key([]Output{o}) == plain {
			t.Errorf("%s does not decide the key", name)
		}
	}
	if key([]Output{{Format: "qcow2", DiskSize: "2G"}}) != key([]Output{{Format: "qcow2", DiskSize: "2048M", Boot: []string{"bios", "uefi"}}}) {
		t.Error("the same, said otherwise, is another key")
	}
}

func TestMirrorFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := cache.Open(filepath.Join(dir, "cache"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// state returns the key, and all that is stored of its inputs.
	state := func(mirror, release string) (cache.Key, string) {
		t.Helper()
		suite := filepath.Join(dir, mirror, "dists", "bookworm")
		if err := errors.Join(os.MkdirAll(suite, 0o755), os.WriteFile(filepath.Join(suite, "InRelease"), []byte(release), 0o644)); err != nil {
			t.Fatal(err)
		}
		b, err := New(Config{Mirror: "copy://user:canary-" + mirror + "@" + filepath.Join(dir, mirror)}, Deps{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		h := store.Hash("", KindName)
		if err := b.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key(), fmt.Sprint(h.Inputs())
	}
	_, one := state("one", "the first mirror")
	key, two := state("two", "the second mirror")
	// What one mirror has says nothing of another.
	for release, inputs := range map[string]string{"the first mirror": one, "the second mirror": two} {
		if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(release))); !strings.Contains(inputs, sum) {
			t.Errorf("the state of %s is not among %s", release, inputs)
		}
	}
	if again, _ := state("two", "the second mirror, later"); again != key {
		t.Error("a mirror was asked again within the age limit")
	}
	stored := one + two
	for _, pattern := range []string{"entries/*", "resolved/*"} {
		names, _ := filepath.Glob(filepath.Join(dir, "cache", pattern))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			stored += string(text)
		}
	}
	if strings.Contains(stored, "canary") || !strings.Contains(stored, "copy:///") {
		t.Errorf("stored is %s", stored)
	}
}

func TestArchiveFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	archive := filepath.Join(dir, "base.tar")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(archive, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	key := func() cache.Key {
		t.Helper()
		b, err := New(Config{Archive: archive}, Deps{State: filepath.Join(dir, "state")})
		if err != nil {
			t.Fatal(err)
		}
		h := cache.NewHash("", KindName, nil)
		if err := b.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	write("one")
	first := key()
	write("two")
	if key() == first {
		t.Error("another content of the same size has the same key")
	}
	write("one")
	if key() != first {
		t.Error("the same content written again has another key")
	}
}

// TestMirrorsApart: what one mirror has is not taken for what another one has.
func TestMirrorsApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := cache.Open(filepath.Join(dir, "cache"), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for _, name := range []string{"a", "b"} {
		mirror := filepath.Join(dir, name)
		release := filepath.Join(mirror, "dists", "bookworm", "InRelease")
		if err := os.MkdirAll(filepath.Dir(release), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(release, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		b, err := New(Config{Mirror: "file://" + mirror}, Deps{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		h := store.Hash("", "builder rootfs")
		if err := b.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		inputs := h.Inputs()
		last[inputs[len(inputs)-1].Value] = name
	}
	if len(last) != 2 {
		t.Errorf("states of two mirrors: %v", last)
	}
}
