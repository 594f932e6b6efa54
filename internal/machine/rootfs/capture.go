package rootfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// Capture leaves the machine's files until Close, but nothing can be run in it
// any more.
func (m *rootMachine) Capture(ctx context.Context, env machine.Env) (image.Image, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return image.Image{}, fmt.Errorf("capture: %w", m.over)
	}
	img, err := m.capture(ctx, env)
	if err != nil {
		return image.Image{}, fmt.Errorf("capture: %w", err)
	}
	m.over = errCaptured
	return img, nil
}

func (m *rootMachine) capture(ctx context.Context, env machine.Env) (image.Image, error) {
	if ctx.Err() != nil {
		return image.Image{}, context.Cause(ctx)
	}
	if err := m.off(ctx, true); err != nil {
		return image.Image{}, err
	}
	dir, err := m.tree(ctx)
	if err != nil {
		return image.Image{}, err
	}
	if err := m.plantGrow(ctx, dir); err != nil {
		return image.Image{}, err
	}
	format := m.b.c.format()
	out := filepath.Join(env.Output, m.b.c.fileName(env.Build))
	progress := env.Out.Progress("capture "+filepath.Base(out), 0)
	defer progress(0, true)
	o := tree.CaptureOptions{Progress: func(n int64) { progress(n, false) }}
	if b := env.Before; b.Builder == KindName && b.Format == tree.TarZst {
		o.Before, o.BeforeFrames = b.ID, b.Facts[factFrames]
	}
	var c tree.Captured
	switch format {
	case tree.TarZst:
		c, err = tree.CaptureTar(ctx, dir, out, o)
	case tree.Dir:
		c, err = tree.CaptureDir(ctx, dir, out, o)
	case tree.OCI:
		layers := []string{dir}
		if !m.b.c.squash() {
			if layers, err = m.stack(); err != nil {
				return image.Image{}, err
			}
		}
		c, err = tree.CaptureOCI(ctx, layers, out, tree.OCIOptions{CaptureOptions: o, Name: "latest", Arch: m.b.c.Arch})
	}
	if err != nil {
		return image.Image{}, err
	}
	img := image.Image{
		Name: m.b.c.ImageName, Builder: KindName, ID: out, Format: format,
		Digest: c.Digest, Size: c.Size, Files: []string{out},
	}
	if c.Frames != "" {
		img.Facts = map[string]string{factFrames: c.Frames}
	}
	progress(0, true)
	m.captured = c
	if m.b.ProvesBoot() { // gate 2 starts a disk
		if img, err = m.withDisks(ctx, env, img); err != nil {
			return image.Image{}, errors.Join(err, os.RemoveAll(out))
		}
	}
	return img, nil
}

// factFrames is a fact of an image: by it the next capture tells whether the archive is still
// the one that was made.
const factFrames = "frames"

// Incomplete implements machine.Completer: where gate 2 starts no disk, they come later.
func (m *rootMachine) Incomplete(img image.Image) bool {
	return len(m.b.c.disks()) > 0 && len(img.Disks) == 0
}

// Complete implements machine.Completer: gate 2 starts the archive, and disks are made
// meanwhile.
func (m *rootMachine) Complete(ctx context.Context, img image.Image, env machine.Env) (image.Image, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !errors.Is(m.over, errCaptured) {
		return image.Image{}, errors.New("complete: the machine was not captured")
	}
	return m.withDisks(ctx, env, img)
}

// withDisks makes the disks of an image.
func (m *rootMachine) withDisks(ctx context.Context, env machine.Env, img image.Image) (image.Image, error) {
	disks, err := m.captureDisks(ctx, env, img)
	if err != nil {
		return image.Image{}, err
	}
	img.Disks, img.Files = disks, slices.Clone(img.Files)
	for _, d := range disks {
		img.Files = append(img.Files, d.Path)
		img.Size += d.Size
	}
	return img, nil
}

// stack returns the directories of all layers and of the machine's own files,
// lowest first, with nothing mounted that could change them.
func (m *rootMachine) stack() ([]string, error) {
	if err := m.seat.unmount(); err != nil {
		return nil, err
	}
	var dirs []string
	for _, id := range m.chain {
		dirs = append(dirs, m.b.places.layers().tree(id))
	}
	if m.seat.dir == "" {
		return nil, errors.New("the machine has no files")
	}
	return append(dirs, m.seat.upper()), nil
}

// fileName is what the image of a build is called on disk.
func (c Config) fileName(build string) string {
	name := pathElement(cmp.Or(c.ImageName, build))
	if c.format() == tree.TarZst {
		name += ".tar.zst"
	}
	return name
}

// pathElement makes a name that is one path element.
func pathElement(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '/' || r == 0 || r < ' ' {
			return '-'
		}
		return r
	}, name)
	if clean = strings.TrimLeft(clean, "."); clean == "" {
		return "image"
	}
	return clean
}
