package disk

import (
	"archive/tar"
	"testing"
)

func TestFindKernel(t *testing.T) {
	t.Parallel()
	type m map[string]string // name → where a link leads, "" for a file
	for name, tt := range map[string]struct {
		files          m
		kernel, initrd string
		err            error
	}{
		"links": {m{"sbin/init": "", "boot/vmlinuz-1": "", "boot/initrd.img-1": "", "boot/vmlinuz-2": "", "boot/initrd.img-2": "",
			"vmlinuz": "boot/vmlinuz-1", "initrd.img": "boot/initrd.img-1"}, "/vmlinuz", "/initrd.img", nil},
		"links in boot": {m{"sbin/init": "../lib/systemd/systemd", "boot/vmlinuz-1": "", "boot/initrd.img-1": "",
			"boot/vmlinuz": "vmlinuz-1", "boot/initrd.img": "/boot/initrd.img-1"}, "/boot/vmlinuz", "/boot/initrd.img", nil},
		"dangling": {m{"usr/lib/systemd/systemd": "", "boot/vmlinuz-6.1.0-10": "", "boot/initrd.img-6.1.0-10": "", "boot/vmlinuz-6.1.0-9": "",
			"boot/initrd.img-6.1.0-9": "", "vmlinuz": "boot/vmlinuz-5", "initrd.img": "boot/initrd.img-5"}, "/boot/vmlinuz-6.1.0-10", "/boot/initrd.img-6.1.0-10", nil},
		"half":      {m{"sbin/init": "", "boot/vmlinuz-6.2": "", "boot/vmlinuz-6.1": "", "boot/initramfs-6.1.img": ""}, "/boot/vmlinuz-6.1", "/boot/initramfs-6.1.img", nil},
		"no initrd": {m{"sbin/init": "", "boot/vmlinuz-6.2": ""}, "", "", errNoInitrd},
		"no kernel": {m{"sbin/init": ""}, "", "", errNoKernel},
		"nothing":   {m{}, "", "", errNoInit},
	} {
		var b bootFiles
		for f, link := range tt.files {
			h := &tar.Header{Typeflag: tar.TypeReg, Name: "./" + f}
			if link != "" {
				h.Typeflag, h.Linkname = tar.TypeSymlink, link
			}
			b.see(h)
		}
		if err := b.find(); err != tt.err || b.kernel != tt.kernel || b.initrd != tt.initrd {
			t.Errorf("%s: %s, %s, %v; want %s, %s, %v", name, b.kernel, b.initrd, err, tt.kernel, tt.initrd, tt.err)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"10G": 10 << 30, "10g": 10 << 30, "512M": 512 << 20, "512MiB": 512 << 20, "1T": 1 << 40, "1000": 1000 << 20, "204800K": 200 << 20, "204801K": 0,
		"": 0, "G": 0, "-1G": 0, "1.5G": 0, "10X": 0, "999999999T": 0, "65T": 0, "20": 0, "67M": 0, "68M": 68 << 20,
	} {
		got, err := ParseSize(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"root=PARTUUID=1-2": "root=PARTUUID=1-2", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'", "": "''"} {
		if got := quote(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
