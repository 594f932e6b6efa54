package postprocess

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Checksum writes checksums of the artifact's files.
func Checksum() template.Kind[PostProcessor] {
	return template.Define("checksum", "write checksums of the artifact's files", func(c checksumConfig) (PostProcessor, error) {
		var errs []error
		for _, t := range c.Types {
			if newHash(t) == nil {
				errs = append(errs, template.At("checksum_types", fmt.Errorf("%q is none of md5, sha1, sha224, sha256, sha384, sha512", t)))
			}
		}
		s := &checksum{c}
		_, err := s.target(Run{}, "")
		return s, errors.Join(append(errs, template.At("output", err))...)
	})
}

type checksumConfig struct {
	Types  []string      `opt:"checksum_types" default:"md5" doc:"Which checksums: md5, sha1, sha224, sha256, sha384, sha512."`
	Output template.Late `opt:"output,recorded" fields:"BuildName BuilderType ChecksumType" default:"packer_{{.BuildName}}_{{.BuilderType}}_{{.ChecksumType}}.checksum" doc:"The file they are written to; lines are added to one that is there."`
}

type checksum struct{ checksumConfig }

func newHash(name string) hash.Hash {
	switch name {
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha224":
		return sha256.New224()
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return nil
}

func (s *checksum) target(run Run, kind string) (string, error) {
	data := run.names()
	data["ChecksumType"] = kind
	return s.Output.Render(data)
}

// linesForm is how lines are added to a text.
func linesForm() output.Form {
	return output.Form{Name: "lines", Add: func(text, lines []byte) ([]byte, error) { return slices.Concat(text, lines), nil }}
}

func (s *checksum) Process(ctx context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	out, err := s.write(ctx, run, in)
	return out, Must, err
}

func (s *checksum) write(ctx context.Context, run Run, in image.Image) (image.Image, error) {
	members, err := list(in.Files)
	if err != nil {
		return image.Image{}, err
	}
	members = slices.DeleteFunc(members, func(m member) bool { return !m.info.Mode().IsRegular() })
	lines := make([]strings.Builder, len(s.Types)) // by type
	for _, m := range members {
		sums, err := s.sums(ctx, m.path)
		if err != nil {
			return image.Image{}, err
		}
		for i, sum := range sums {
			fmt.Fprintf(&lines[i], "%x\t%s\n", sum, m.name)
		}
	}
	files := slices.Clone(in.Files)
	for i, kind := range s.Types {
		if lines[i].Len() == 0 {
			continue
		}
		path, err := s.target(run, kind)
		if err != nil {
			return image.Image{}, err
		}
		created, err := run.Files.Add(ctx, path, 0o644, linesForm(), []byte(lines[i].String()))
		if err != nil {
			return image.Image{}, fmt.Errorf("write checksums: %w", err)
		}
		if created {
			files = append(files, path)
		}
		run.Out.Message("%s of %d files in %s", kind, len(members), path)
	}
	return made(in, "checksum", files), nil
}

// sums reads a file once for all types.
func (s *checksum) sums(ctx context.Context, path string) ([][]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var hashes []hash.Hash
	var to []io.Writer
	for _, t := range s.Types {
		h := newHash(t)
		hashes, to = append(hashes, h), append(to, h)
	}
	if _, err := io.Copy(io.MultiWriter(to...), reader{ctx, f}); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var sums [][]byte
	for _, h := range hashes {
		sums = append(sums, h.Sum(nil))
	}
	return sums, nil
}
