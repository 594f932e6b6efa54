package qemu

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
)

// touch makes an empty file.
func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDisksOf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, two, vars := touch(t, filepath.Join(dir, "one")), touch(t, filepath.Join(dir, "two")), touch(t, filepath.Join(dir, efivars))
	gone := filepath.Join(dir, "gone")
	for name, tt := range map[string]struct {
		img   image.Image
		disks []backing
		vars  string
		boot  []string
		fault string
	}{
		"disks of this builder": {
			img:   image.Image{Builder: KindName, Format: "raw", Files: []string{one, two, vars}},
			disks: []backing{{one, "raw"}, {two, "raw"}}, vars: vars,
		},
		"the best of several forms": {
			img: image.Image{Builder: "rootfs", Format: "tar.zst", Files: []string{one, two}, Disks: []image.Disk{
				{Path: one, Format: "vmdk", Boot: []string{bios, uefi}}, {Path: two, Format: "qcow2", Boot: []string{uefi}}}},
			disks: []backing{{two, "qcow2"}}, boot: []string{uefi},
		},
		"a form with another name": {
			img:   image.Image{Builder: "rootfs", Disks: []image.Disk{{Path: one, Format: "vhd", Boot: []string{bios}}}},
			disks: []backing{{one, "vpc"}}, boot: []string{bios},
		},
		"files alone": {img: image.Image{Builder: "rootfs", Format: "tar.zst", Files: []string{one}}, fault: "the image has no disk: it is tar.zst of builder rootfs"},
		"cut short":   {img: image.Image{Builder: "rootfs", Disks: []image.Disk{{Path: one, Format: "qcow2", Size: 5}}}, fault: one + " is damaged: it has 0 bytes, and had 5"},
		"of less":     {img: image.Image{Builder: KindName, Format: "raw", Size: 7, Files: []string{one, two}}, fault: "is damaged: it has 0 bytes, and had 7"},
		"gone":        {img: image.Image{Builder: KindName, Format: "qcow2", Files: []string{one, gone}}, fault: gone + " is not there any more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := disksOf(tt.img)
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("error %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(d.disks, tt.disks) || d.vars != tt.vars || !reflect.DeepEqual(d.boot, tt.boot) {
				t.Errorf("%+v, %v", d, err)
			}
		})
	}
}

// TestHardwareOf: a machine for an image has the hardware that the image was made on.
func TestHardwareOf(t *testing.T) {
	t.Parallel()
	c := usual()
	c.Machine, c.Disks.Interface, c.NetDevice, c.Memory, c.CPUModel = "pc", "ide", "e1000", 2048, "host"
	c.EFI = true
	got := hardwareOf(image.Image{Facts: c.complete().facts()})
	if got.Machine != "pc" || got.Disks.Interface != "ide" || got.NetDevice != "e1000" || got.Memory != 2048 || got.CPUModel != "host" || !got.EFI {
		t.Errorf("%+v", got)
	}
	unknown := hardwareOf(image.Image{})
	if unknown.Machine != "q35" || unknown.Disks.Interface != "virtio" || unknown.Memory != lookMemory || unknown.EFI || unknown.Binary != usualBinary {
		t.Errorf("without facts: %+v", unknown)
	}
	evil := hardwareOf(image.Image{Facts: map[string]string{factProgram: "/tmp/qemu", factMachine: "pc,dumpdtb=/etc/passwd", factNetwork: "e1000,id=x"}})
	if evil.Binary != usualBinary || evil.Machine != "q35" || evil.NetDevice != "virtio-net" {
		t.Errorf("a record can say %+v", evil)
	}
	if c := hardwareOf(image.Image{Facts: map[string]string{factProgram: "/opt/bin/qemu-system-aarch64"}}); c.Binary != "qemu-system-aarch64" {
		t.Errorf("the program is %s", c.Binary)
	}
}
