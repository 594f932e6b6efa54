package probebin

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"testing/fstest"
)

func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	from := fstest.MapFS{
		"bin/proofmark-probe-linux-amd64.gz": packed(t, "program"),
		"bin/proofmark-probe-linux-arm64.gz": {Data: []byte("cut off")},
	}
	r, err := open(from, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || string(text) != "program" {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := open(from, "arm64"); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("broken program: %v", err)
	}
	for _, arch := range []string{"riscv64", "", "../x"} {
		if _, err := open(from, arch); !errors.Is(err, ErrMissing) {
			t.Errorf("%q: %v", arch, err)
		}
	}
}

// TestEmbedded looks at what this very build holds, if anything.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for _, arch := range []string{"amd64", "arm64"} {
		r, err := Open(arch)
		if errors.Is(err, ErrMissing) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, 4)
		if _, err := io.ReadFull(r, head); err != nil || string(head) != "\x7fELF" {
			t.Errorf("%s: begins with %q, %v", arch, head, err)
		}
		r.Close()
	}
}
