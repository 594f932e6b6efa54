package qemu

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMediumInPlace: a path is that of whoever builds, not of the machine's directory.
func TestMediumInPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	below := filepath.Join(b.home, "below.qcow2")
	if err := qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", c.ISO.URL, below); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err == nil {
		c.ISO.URL, err = filepath.Rel(here, below)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.ISOSkipCache, c.Backing = true, true
	if _, err := b.start(c); err != nil {
		t.Error(err)
	}
}

// TestDamagedDisk: a disk that makes no sense to QEMU is told of.
func TestDamagedDisk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, below := onDisk(b)
	f, err := os.OpenFile(below, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const table = 4 << 16 // that says where the first bytes of the disk are
	if _, err := f.WriteAt([]byte{0x80, 0, 0, 0, 0, 5, 2, 0}, table); err != nil {
		t.Fatal(err)
	}
	s.b.c.SSH.Timeout = 15 * time.Second // QEMU says so before it is listened to, or after
	_, _, err = b.connect(s.b.c)
	b.wantError(err, "Cluster allocation offset 0x50200 unaligned")
}

// TestLostRoom: room in a disk that belongs to nothing keeps nobody from starting with it.
func TestLostRoom(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	disk := filepath.Join(b.home, "lost.qcow2")
	if err := qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", c.ISO.URL, disk); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(disk)
	if err != nil {
		t.Fatal(err)
	}
	const cluster, counts = 1 << 16, 2 << 16
	text = append(text, make([]byte, cluster-len(text)%cluster)...)
	last := len(text) / cluster
	text = append(text, make([]byte, cluster)...)
	text[counts+2*last+1] = 1
	if err := os.WriteFile(disk, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := qemuImg(t.Context(), "check", disk); err == nil || !strings.Contains(err.Error(), "Leaked cluster") {
		t.Fatalf("no room of it is lost: %v", err)
	}
	c.ISO.URL, c.SkipResize = disk, true
	if _, err := b.start(c); err != nil {
		t.Error(err)
	}
}

func TestDisksThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	whole := filepath.Join(b.home, "whole.qcow2")
	raw := filepath.Join(b.home, "raw")
	noise := strings.Repeat("0123456789abcdef", 1<<16)
	if err := errors.Join(os.WriteFile(raw, []byte(noise), 0o600), qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", raw, whole)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		set  func(c *Config)
		want string
	}{
		"cut short":      {func(*Config) { _ = os.Truncate(whole, 500<<10) }, "check the disk to start from: it is damaged: "},
		"empty":          {func(c *Config) { c.ISO.URL = os.DevNull }, "is no disk: it has 0 bytes"},
		"too small":      {func(c *Config) { c.ISO.URL, c.SkipResize, c.Disks.Size = raw, false, "512k" }, "larger than disk_size, 512k"},
		"not there":      {func(c *Config) { c.ISO.URL = raw + ".missing" }, "no such file"},
		"wrong digest":   {func(c *Config) { c.ISO.URL, c.Checksum = raw, "sha256:"+strings.Repeat("0", 64) }, "and must have 0000"},
		"no program":     {func(c *Config) { c.Binary = "qemu-system-none" }, "qemu-system-none is not installed: apt-get install"},
		"TPM":            {func(c *Config) { c.TPM = true }, "vtpm: this version starts no TPM"},
		"no firmware":    {func(c *Config) { c.ISO.URL, c.EFI, c.EFICode, c.EFIVars = raw, true, "missing.fd", "missing.fd" }, "recommends ovmf"},
		"not that qcow2": {func(c *Config) { c.ISO.URL, c.Backing, c.Disks.Format = raw, true, "qcow2" }, "make disk packer-test"},
	} {
		c := sector(b, stays)
		c.ISO.URL = whole
		tt.set(&c)
		_, err := b.start(c)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}
