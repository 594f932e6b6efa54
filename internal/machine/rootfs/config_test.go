package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
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
		{"format", Config{Output: &Output{Format: "zip"}}, `"zip" is unknown`},
		{"squash", Config{Output: &Output{Squash: &no}}, "needs format"},
		{"layers", Config{Output: &Output{Format: "oci", Squash: &no}}, ""},
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
