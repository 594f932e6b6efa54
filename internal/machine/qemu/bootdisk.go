package qemu

import (
	"archive/tar"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

var _ machine.DiskBooter = (*Builder)(nil)

// ProvesBoot tells whether prove_boot is on. Nobody looks into a machine without SSH.
func (b *Builder) ProvesBoot() bool {
	return (b.c.ProveBoot == nil || *b.c.ProveBoot) && b.c.Choice(connect.Rules{}) == connect.UseSSH
}

// BootDisk boots the captured disks on the hardware and the firmware of the template. It
// logs in as the template says, or as root where the template's key was one for the build.
func (b *Builder) BootDisk(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error) {
	c := b.c.forTrial()
	var disks []backing
	for _, f := range img.Files {
		if filepath.Base(f) == efivars {
			c.EFIVars = f // what an installer has written there is needed to boot
			continue
		}
		d, err := backingOf(f, c.Format)
		if err != nil {
			return nil, fmt.Errorf("boot disk: %w", err)
		}
		disks = append(disks, d)
	}
	c.Format = "qcow2"
	t := &Builder{c: c, deps: b.deps, places: b.places, maxLog: b.maxLog}
	if s := c.SSH; s.Password == "" && s.PrivateKeyFile == "" && !s.AgentAuth {
		t.looksByItself()
	}
	return boot(ctx, t, disks, env)
}

// Trial is a disk to boot in a machine of its own.
type Trial struct {
	Disk   string // file, which stays as it is
	Format string // as image.Disk has it
	UEFI   bool   // else a BIOS
	CPUs   int    // 1 by default
	Memory int    // MiB; 1024 by default

	Condition string        // command that says that the machine is up; "": its init system does
	Deadline  time.Duration // until it must be up; 0 for what is usual
}

// RequireTrial tells what this host misses for BootDisk.
func RequireTrial(withUEFI bool) error {
	if err := findPrograms(usualBinary, imgProgram); err != nil || !withUEFI {
		return err
	}
	return Firmware{}.withUEFI(ovmfDirectory).requireUEFI()
}

// BootDisk makes a machine that boots a disk, for builders of other kinds, with the contract
// of machine.DiskBooter. Root logs in with a key that is made for this boot.
// The caller's ledger knows TrialClasses.
func BootDisk(ctx context.Context, d Deps, t Trial, env machine.Env) (machine.Machine, error) {
	var c Config
	c.Hardware = Hardware{Memory: cmp.Or(t.Memory, 1024), CPUs: cmp.Or(t.CPUs, 1), Machine: "q35", NetDevice: "virtio-net"}
	c.Disks.Format, c.Disks.Interface, c.Disks.Discard = "qcow2", "virtio", "ignore"
	c.HostPort.Min, c.HostPort.Max = 2222, 4444
	c.SSH.Port, c.SSH.KeepAlive = 22, 5*time.Second
	c.Binary, c.EFI = usualBinary, t.UEFI
	c.Condition, c.Deadline = t.Condition, t.Deadline
	b, err := New(c.forTrial(), d)
	if err != nil {
		return nil, err
	}
	b.looksByItself()
	disk, err := backingOf(t.Disk, t.Format)
	if err != nil {
		return nil, fmt.Errorf("boot disk: %w", err)
	}
	return boot(ctx, b, []backing{disk}, env)
}

// looksByItself has machines looked into as root without help of the image: by a port, or
// where no program of ours runs in them by SSH.
func (b *Builder) looksByItself() {
	arch, named := strings.CutPrefix(filepath.Base(b.c.Binary), "qemu-system-")
	ours := !named || slices.Contains([]string{"x86_64", "aarch64"}, arch)
	if b.port = ours && b.deps.Probe != nil; !b.port {
		rootsKey(&b.c)
	}
}

func boot(ctx context.Context, b *Builder, disks []backing, env machine.Env) (machine.Machine, error) {
	accelerator, err := b.chooseAccelerator(ctx)
	if err != nil {
		return nil, fmt.Errorf("boot disk: %w", err)
	}
	limit := bootLimit
	if accelerator == tcg || accelerator == "none" {
		limit = emulatedBootLimit
	}
	limit = cmp.Or(b.c.Deadline, limit)
	b.c.SSH.Timeout, b.c.SSH.WaitTimeout = limit, 0
	t, err := newTrial(ctx, b, disks, env)
	if err != nil {
		return nil, err // not a nil pointer in an interface
	}
	t.limit = limit
	return t, nil
}

// forTrial is the configuration of a machine that boots what is there, and that nobody
// types to. Its writes need not outlive it.
func (c Config) forTrial() Config {
	c.Image, c.Backing, c.NetBridge, c.SkipNAT = true, false, "", false
	c.HTTP, c.CD, c.Floppy, c.Additional = install.HTTP{}, install.CD{}, install.Floppy{}, nil
	c.VNC = install.VNC{Disable: true}
	c.Headless, c.QMP, c.Cache = true, false, "unsafe"
	c.PauseBeforeConnecting = 0
	// What names files and places of the build is not for a machine after it.
	ours := []string{"-drive", "-hda", "-hdb", "-cdrom", "-fda", "-boot", "-netdev", "-net", "-nic", "-device", "-serial", "-display", "-vnc", "-monitor", "-qmp"}
	c.Args = slices.DeleteFunc(slices.Clone(c.Args), func(a []template.Late) bool {
		return len(a) > 0 && slices.Contains(ours, a[0].Text())
	})
	return c
}

// backing is what an overlay stands on.
type backing struct{ name, format string }

// backingOf is a disk as QEMU finds it.
func backingOf(file, format string) (backing, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return backing{}, err
	}
	switch format {
	case "vhd":
		return backing{file, "vpc"}, nil
	case "ova":
		return insideArchive(file)
	}
	return backing{file, format}, nil
}

// insideArchive finds the disk of an appliance, which QEMU reads where it lies.
func insideArchive(file string) (backing, error) {
	f, err := os.Open(file)
	if err != nil {
		return backing{}, err
	}
	defer f.Close()
	r := tar.NewReader(f)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return backing{}, fmt.Errorf("%s has no disk in it", file)
		}
		if err != nil {
			return backing{}, fmt.Errorf("read %s: %w", file, err)
		}
		if !strings.HasSuffix(h.Name, ".vmdk") {
			continue
		}
		offset, err := f.Seek(0, io.SeekCurrent) // the reader has read no further than the header
		if err != nil {
			return backing{}, err
		}
		type node struct {
			Driver   string `json:"driver"`
			Filename string `json:"filename,omitempty"`
			Offset   int64  `json:"offset,omitempty"`
			Size     int64  `json:"size,omitempty"`
			File     *node  `json:"file,omitempty"`
		}
		text, err := json.Marshal(node{Driver: "vmdk", File: &node{Driver: "raw", Offset: offset, Size: h.Size, File: &node{Driver: "file", Filename: file}}})
		return backing{"json:" + string(text), "vmdk"}, err
	}
}
