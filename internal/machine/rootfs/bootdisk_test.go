package rootfs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestWhichDiskBoots: one that emulators read as it is, on each kind of firmware in turn.
func TestWhichDiskBoots(t *testing.T) {
	t.Parallel()
	no := false
	vmdk, qcow2, ova := Output{Format: "vmdk"}, Output{Format: "qcow2"}, Output{Format: "ova", Memory: 2048}
	for _, o := range []*Output{&vmdk, &qcow2, &ova} {
		o.Condition, o.Deadline = "true "+o.Format, time.Minute
	}
	off := qcow2
	off.ProveBoot = &no
	for name, tt := range map[string]struct {
		c    Config
		want string
	}{
		"no disk":           {Config{Outputs: []Output{{Format: "tar.zst"}}}, ""},
		"the only one":      {Config{Outputs: []Output{ova}}, "ova"},
		"the simplest":      {Config{Outputs: []Output{vmdk, ova, qcow2}}, "qcow2"},
		"not that one":      {Config{Outputs: []Output{off, vmdk}}, "vmdk"},
		"none is proven":    {Config{Outputs: []Output{off}}, ""},
		"nothing is booted": {Config{Outputs: []Output{qcow2}, ProveBoot: &no}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []DiskBoot
			d := Deps{State: t.TempDir(), BootDisk: func(_ context.Context, d DiskBoot, _ machine.Env) (machine.Machine, error) {
				asked = append(asked, d)
				return nil, errors.New("no machine here")
			}}
			b, err := New(tt.c, d)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.ProvesBoot(); got != (tt.want != "") {
				t.Errorf("proves by booting: %v", got)
			}
			var img image.Image
			for _, o := range tt.c.disks() {
				img.Disks = append(img.Disks, o.diskImage("/disk."+o.Format, "", 0, 0))
			}
			for range 3 {
				if _, err := b.BootDisk(t.Context(), img, machine.Env{}); err == nil {
					t.Error("booted")
				}
			}
			if tt.want == "" {
				if len(asked) > 0 {
					t.Errorf("boots %v", asked)
				}
				return
			}
			if len(asked) != 3 || asked[0].Disk.Format != tt.want || asked[0].UEFI || !asked[1].UEFI || asked[2].UEFI {
				t.Errorf("boots %+v, want %s on bios, uefi, bios", asked, tt.want)
			}
			if asked[0].Condition != "true "+tt.want || asked[0].Deadline != time.Minute {
				t.Errorf("waits for %q, %s", asked[0].Condition, asked[0].Deadline)
			}
		})
	}
}
