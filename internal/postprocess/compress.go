package postprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Compress packs the artifact's files into one.
func Compress() template.Kind[PostProcessor] {
	return template.Define("compress", "pack the artifact's files into one", openCompress)
}

type compressConfig struct {
	Output template.Late `opt:"output,recorded" fields:"BuildName BuilderType" default:"packer_{{.BuildName}}_{{.BuilderType}}" doc:"The file; its extension says how it is packed: .tar, .zip, .gz, .lz4, .xz, .bz2, .bgzf, or .tar and one of these. Any other is a gzipped tar."`
	Format string        `opt:"format" doc:"An extension that counts instead of that of output, such as tar.gz. It is not added to the name."`
	Level  int           `opt:"compression_level" default:"6" doc:"1 is fast, 9 is small; 0 and -1 stand for 6. Not of use for xz."`
}

type compress struct {
	compressConfig
	form form
}

// form is how a file is packed.
type form struct {
	archive string // "tar", "zip" or ""
	method  string // "gz", "lz4", "xz", "bz2", "bgzf" or ""
}

const (
	minLevel, maxLevel, usualLevel = -1, 9, 6
)

func openCompress(c compressConfig) (PostProcessor, error) {
	var errs []error
	if c.Level < minLevel {
		errs = append(errs, template.At("compression_level", fmt.Errorf("%d is no level: they go from 1 to 9", c.Level)))
	}
	c.Level = min(c.Level, maxLevel)
	if c.Level <= 0 {
		c.Level = usualLevel
	}
	name := c.Output.Text()
	if c.Format != "" {
		name += "." + c.Format
	}
	p := &compress{c, formOf(name)}
	_, err := p.Output.Render(Run{}.names())
	return p, errors.Join(append(errs, template.At("output", err))...)
}

// formOf takes the form from the extensions of a name, as it is written in the
// template.
func formOf(name string) form {
	parts := strings.Split(name, ".")
	last, before := parts[len(parts)-1], ""
	if len(parts) > 2 {
		before = parts[len(parts)-2]
	}
	var f form
	if before == "tar" {
		f.archive = "tar"
	}
	switch {
	case len(parts) < 2:
	case last == "tar" || last == "zip":
		return form{archive: last}
	case last == "bzip2":
		f.method = "bz2"
		return f
	case newCompressor(last) != nil:
		f.method = last
		return f
	}
	return form{archive: "tar", method: "gz"}
}

func (p *compress) Process(ctx context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	target, err := p.Output.Render(run.names())
	if err != nil {
		return image.Image{}, Drop, err
	}
	err = p.pack(ctx, run, target, in.Files)
	if err != nil {
		return image.Image{}, Drop, fmt.Errorf("compress to %s: %w", target, err)
	}
	out := made(in, "compress", []string{target})
	out.About = "compressed artifacts in: " + target
	return out, Drop, nil
}

func (p *compress) pack(ctx context.Context, run Run, target string, files []string) error {
	members, err := list(files)
	switch {
	case len(files) == 0:
		return errors.New("there is no file to pack: let the builder, or an artifice before it, give it some")
	case err != nil:
		return err
	case p.form.archive == "" && len(files) != 1:
		return fmt.Errorf("it can hold one file, and there are %d: end its name in .tar.gz or .zip", len(files))
	case p.form.archive == "" && !members[0].info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: end the name in .tar.gz or .zip", files[0])
	}
	var total int64
	for _, m := range members {
		if m.info.Mode().IsRegular() {
			total += m.info.Size()
		}
	}
	run.Out.Say("Packing %s (%d files) into %s", strings.Join(files, ", "), len(members), target)
	progress := run.Out.Progress("compress", total)
	defer func() { progress(0, true) }()
	return run.Files.Write(ctx, target, 0o644, func(w *os.File) (err error) {
		var out io.WriteCloser = nopCloser{w}
		if p.form.method != "" {
			if out, err = newCompressor(p.form.method)(w, p.Level); err != nil {
				return err
			}
		}
		c := copier{ctx, progress}
		switch p.form.archive {
		case "tar":
			err = c.tar(out, members)
		case "zip":
			err = c.zip(out, members, p.Level)
		default:
			err = c.file(out, members[0].path)
		}
		return errors.Join(err, out.Close())
	})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// copier reads files for an archive.
type copier struct {
	ctx      context.Context
	progress func(n int64, done bool)
}

func (c copier) file(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, reader{c.ctx, counted{f, c.progress}})
	return err
}

type counted struct {
	r        io.Reader
	progress func(n int64, done bool)
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.progress(int64(n), false)
	return n, err
}
