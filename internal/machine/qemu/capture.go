package qemu

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Capture shuts the machine down and takes its disks into a directory. A machine that was
// never started is captured as it was made, unless it is still to be installed.
func (m *vm) Capture(ctx context.Context, env machine.Env) (image.Image, error) {
	if err := m.installed(ctx); err != nil {
		return image.Image{}, fmt.Errorf("capture: %w", err)
	}
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

// installed runs an installation that nobody has started.
func (m *vm) installed(ctx context.Context) error {
	m.mu.Lock()
	needed := m.over == nil && m.process == nil && m.below == "" && !m.b.c.Image
	m.mu.Unlock()
	if !needed {
		return nil
	}
	_, err := m.Connect(ctx)
	return err
}

func (m *vm) capture(ctx context.Context, env machine.Env) (img image.Image, err error) {
	if err := ctx.Err(); err != nil {
		return image.Image{}, context.Cause(ctx)
	}
	if err := m.powerOff(ctx); err != nil {
		return image.Image{}, err
	}
	if err := m.halt(ctx); err != nil {
		return image.Image{}, err
	}
	if m.below != "" && len(m.disks) == 0 { // nobody has connected
		if _, err := m.standOn(ctx); err != nil {
			return image.Image{}, err
		}
	}
	parent := env.Output
	if parent == "" { // nothing is recorded: the files go to their place at once
		parent = m.dir
	}
	dir := filepath.Join(parent, imageDirectory)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return image.Image{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	var files []string
	for i, d := range m.disks {
		to := filepath.Join(dir, m.diskName(i))
		switch {
		case i == 0:
			err = m.takeMain(ctx, d, to)
		case m.below != "":
			err = m.flatten(ctx, d, to)
		default:
			err = take(ctx, d, to, m.format)
		}
		if err != nil {
			return image.Image{}, err
		}
		files = append(files, to)
	}
	if m.vars != "" && !m.b.c.DropVars {
		to := filepath.Join(dir, efivars)
		if err := take(ctx, m.vars, to, "raw"); err != nil {
			return image.Image{}, err
		}
		files = append(files, to)
	}
	img = image.Image{Builder: KindName, ID: files[0], Format: m.b.c.Format, Files: files, MadeBy: "transcend.qemu", Facts: m.b.c.facts(),
		About: "VM files in directory: " + m.b.outputDirectory(m.build)}
	progress := env.Out.Progress("read "+filepath.Base(files[0]), 0)
	defer progress(0, true)
	if img.Digest, err = digest(ctx, files, func(n int) { progress(int64(n), false) }); err != nil {
		return image.Image{}, err
	}
	if img.Size, err = img.Measure(); err != nil {
		return image.Image{}, err
	}
	if env.Output == "" {
		return m.b.Publish(ctx, img, env)
	}
	return img, nil
}

// imageDirectory is the name of the directory with an image's files until they are
// published.
const imageDirectory = "qemu"

// takeMain takes the first disk, made small as the template says.
func (m *vm) takeMain(ctx context.Context, from, to string) error {
	c := m.b.c
	switch {
	case c.Backing && !c.Compression && m.below != "":
		// All that differs from the disk it began with, be it in this disk or in a layer.
		if err := qemuImg(ctx, "rebase", "-f", m.format, "-b", m.medium, "-F", "qcow2", from); err != nil {
			return err
		}
		return take(ctx, from, to, m.format)
	case c.SkipCompaction && !c.Compression && m.below == "":
		return take(ctx, from, to, m.format)
	}
	m.out.Say("Converting the disk")
	var args []string
	if c.Compression {
		args = append(args, "-c")
	}
	return m.flatten(ctx, from, to, append(args, c.ImgArgs.Convert...)...)
}

// flatten makes one disk of a disk and all that it stands on.
func (m *vm) flatten(ctx context.Context, from, to string, options ...string) error {
	args := append([]string{"convert", "-f", m.format}, options...)
	return qemuImg(ctx, append(args, "-O", m.b.c.Format, from, to)...)
}

// take moves a file; to another file system it is copied without its holes.
func take(ctx context.Context, from, to, format string) error {
	err := os.Rename(from, to)
	if errors.Is(err, syscall.EXDEV) {
		return qemuImg(ctx, "convert", "-f", format, "-O", format, from, to)
	}
	return err
}

// digest is over the one file, or over a list of the names and digests of several.
func digest(ctx context.Context, files []string, seen func(n int)) (image.Digest, error) {
	var list strings.Builder
	for _, f := range files {
		h := sha256.New()
		r, err := os.Open(f)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(h, reading{ctx, r, seen})
		r.Close()
		if err != nil {
			return "", err
		}
		if len(files) == 1 {
			return image.Digest(fmt.Sprintf("sha256:%x", h.Sum(nil))), nil
		}
		fmt.Fprintf(&list, "%x  %s\n", h.Sum(nil), filepath.Base(f))
	}
	return image.Digest(fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(list.String())))), nil
}

// reading is a file that is read until ctx ends.
type reading struct {
	ctx  context.Context
	r    io.Reader
	seen func(n int)
}

func (r reading) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.r.Read(p)
	r.seen(n)
	return n, err
}

// Verify reads the captured files again.
func (b *Builder) Verify(ctx context.Context, img image.Image) error {
	found, err := digest(ctx, img.Files, func(int) {})
	if err != nil {
		return fmt.Errorf("verify image: %w", err)
	}
	if found != img.Digest {
		return fmt.Errorf("verify image: %s has digest %s, and had %s when it was captured", img.ID, found, img.Digest)
	}
	return nil
}

// Publish moves the image to the output directory. What is there already is replaced
// with -force only.
func (b *Builder) Publish(ctx context.Context, img image.Image, env machine.Env) (image.Image, error) {
	to, err := filepath.Abs(b.outputDirectory(env.Build))
	from := filepath.Dir(img.ID)
	if err == nil {
		err = env.Files.Move(ctx, from, to, env.Force, func(from, to string) error { return copyFiles(ctx, from, to) })
	}
	if err != nil {
		return image.Image{}, fmt.Errorf("publish image: %w", err)
	}
	img.ID = filepath.Join(to, filepath.Base(img.ID))
	files := make([]string, len(img.Files))
	for i, f := range img.Files {
		files[i] = filepath.Join(to, filepath.Base(f))
	}
	img.Files = files
	return img, nil
}

// copyFiles copies a directory of disks, and brings the copy to disk.
func copyFiles(ctx context.Context, from, to string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	names, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := output.Copy(ctx, filepath.Join(from, n.Name()), filepath.Join(to, n.Name())); err != nil {
			return err
		}
	}
	return image.Image{Files: []string{to}}.Sync()
}
