package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// plantGrow puts into the tree what makes machines grow their root file system. It comes
// before anything is captured: gate 2 starts what the disks hold.
func (m *rootMachine) plantGrow(ctx context.Context, dir string) error {
	if !m.b.c.growsRoot() {
		return nil
	}
	in, err := openInside(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	can := false
	for _, program := range disk.Growers() {
		can = can || in.exists(program)
	}
	if !can || !in.exists("/lib/systemd/systemd") {
		m.out.Warn("nothing in the image can grow its root file system: install systemd-repart or cloud-guest-utils, or set grow_root = false")
		return nil
	}
	var a machine.Again
	for _, f := range disk.Grow() {
		if f.Target != "" {
			a.Links = append(a.Links, machine.AgainLink{Path: f.Path, Target: f.Target})
		} else {
			a.Files = append(a.Files, machine.AgainFile{Path: f.Path, Text: f.Text})
		}
	}
	m.changed = true
	return tree.Plant(ctx, dir, a)
}

// requireDisks tells what this host misses for the disks that the template asks for.
func (b *Builder) requireDisks() error {
	for _, o := range b.c.disks() {
		spec := o.spec(b.deps.Epoch)
		if err := disk.Require(spec.Disk, spec.Form); err != nil {
			return fmt.Errorf("make disks: %w", err)
		}
	}
	o, ok := b.c.proven()
	if !ok || b.deps.RequireBoot == nil {
		return nil
	}
	if err := b.deps.RequireBoot(slices.Contains(o.boots(), firmwareUEFI)); err != nil {
		return fmt.Errorf("prove disks by booting them: %w; or set prove_boot = false in the output block", err)
	}
	return nil
}

// diskCapture makes the disks of one image.
type diskCapture struct {
	m      *rootMachine
	env    machine.Env
	dir    string // the tree
	c      tree.Captured
	img    image.Image
	raws   map[string]string // raw disks by what decides them
	system string            // of the OS, as it calls itself
}

// captureDisks makes all disks that the template asks for. A raw disk is made once for all
// formats that differ in nothing else. On error nothing is left of them.
func (m *rootMachine) captureDisks(ctx context.Context, env machine.Env, img image.Image) (_ []image.Disk, err error) {
	if len(m.b.c.disks()) == 0 {
		return nil, nil
	}
	dir, err := m.tree(ctx)
	if err != nil {
		return nil, err
	}
	d := &diskCapture{m: m, env: env, dir: dir, c: m.captured, img: img, raws: map[string]string{}}
	var made []image.Disk
	defer func() {
		for _, raw := range d.raws {
			err = errors.Join(err, os.Remove(raw))
		}
		if err == nil {
			return
		}
		for _, disk := range made {
			os.Remove(disk.Path) // the directory it lies in goes as well
		}
	}()
	if err := d.look(); err != nil {
		return nil, err
	}
	for _, o := range m.b.c.disks() {
		one, err := d.make(ctx, o)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	return made, nil
}

// look reads from the tree what matters for its disks.
func (d *diskCapture) look() error {
	in, err := openInside(d.dir)
	if err != nil {
		return err
	}
	defer in.Close()
	if f, err := in.open("/etc/os-release", os.O_RDONLY); err == nil {
		text, _ := io.ReadAll(io.LimitReader(f, 64<<10)) // what cannot be read is any Linux
		f.Close()
		for line := range strings.Lines(string(text)) {
			if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ID="); ok {
				d.system = strings.Trim(id, `"'`)
			}
		}
	}
	for _, o := range d.m.b.c.disks() {
		if o.spec(d.m.b.deps.Epoch).CloudInit && !in.exists("/usr/bin/cloud-init") {
			return errors.New("cloud_init is set, and there is no cloud-init in the tree: install cloud-init")
		}
	}
	return nil
}

// make makes one disk.
func (d *diskCapture) make(ctx context.Context, o Output) (image.Disk, error) {
	name := d.m.b.c.diskName(d.env.Build, o)
	out := filepath.Join(d.env.Output, name)
	done := d.env.Out.Progress("capture "+name, 0)
	defer done(0, true)
	spec := o.spec(d.m.b.deps.Epoch)
	title := strings.TrimSuffix(name, "."+o.Format)
	spec.Disk.Name, spec.Form.Name, spec.Form.System = title, title, d.system
	t, err := d.tree(func(n int64) { done(n, false) })
	if err != nil {
		return image.Disk{}, err
	}
	if spec.Disk.Size == 0 {
		spec.Disk.Size = disk.DefaultSize(t)
	}
	if o.Format == disk.QCOW2 {
		err = disk.Write(ctx, t, spec.Disk, spec.Form, out)
	} else {
		err = d.convert(ctx, t, spec, title, out)
	}
	if err != nil {
		return image.Disk{}, err
	}
	sum, err := disk.Sum(ctx, out)
	if err != nil {
		return image.Disk{}, err
	}
	file, err := os.Stat(out)
	if err != nil {
		return image.Disk{}, err
	}
	return o.diskImage(out, sum, file.Size(), spec.Disk.Size), nil
}

// tree is what disks are made of.
func (d *diskCapture) tree(progress func(int64)) (disk.Tree, error) {
	// Holes are content to whoever reads them, and take no room on a disk.
	used, err := diskUsage(d.dir)
	if err != nil {
		return disk.Tree{}, err
	}
	return disk.Tree{
		Tar: func(ctx context.Context, w io.Writer) error {
			return tree.WriteTar(ctx, d.dir, w, tree.CaptureOptions{Progress: progress})
		},
		Digest: d.c.Digest, Content: min(d.c.Content, 2*used), Entries: d.c.Entries,
	}, nil
}

// convert makes a disk of a raw one, which is made if it is not there yet.
func (d *diskCapture) convert(ctx context.Context, t disk.Tree, spec diskSpec, title, out string) error {
	key := fmt.Sprintf("%+v", spec.Disk)
	raw := d.raws[key]
	if raw == "" {
		raw = filepath.Join(d.env.Output, fmt.Sprintf(".%d.raw", len(d.raws)))
		if err := disk.Write(ctx, t, spec.Disk, disk.Form{Format: disk.Raw}, raw); err != nil {
			return err
		}
		d.raws[key] = raw
	}
	if spec.Form.Format == disk.Raw {
		return os.Link(raw, out)
	}
	return disk.Convert(ctx, raw, out, spec.Form, disk.Identity{Digest: d.c.Digest, Name: title})
}

// verifyDisks reads disks back and compares them with their digests.
func verifyDisks(ctx context.Context, img image.Image) error {
	for _, d := range img.Disks {
		got, err := disk.Sum(ctx, d.Path)
		if err == nil && got != d.Digest {
			err = fmt.Errorf("%w: it has %s, recorded is %s", tree.ErrMismatch, got, d.Digest)
		}
		if err != nil {
			return fmt.Errorf("verify %s: %w", d.Path, err)
		}
	}
	return nil
}
