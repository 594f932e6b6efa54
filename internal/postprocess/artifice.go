package postprocess

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Artifice puts files in the place of what was made so far.
func Artifice() template.Kind[PostProcessor] {
	return template.Define("artifice", "go on with files of this host instead of what the builder made", func(c artificeConfig) (PostProcessor, error) {
		if len(c.Files) == 0 {
			return nil, template.Missing("files")
		}
		for _, f := range c.Files {
			if _, err := filepath.Match(f, ""); err != nil {
				return nil, template.At("files", fmt.Errorf("%q is not a pattern: %w", f, err))
			}
		}
		return &artifice{c}, nil
	})
}

type artificeConfig struct {
	Files []string `opt:"files,required,recorded" doc:"The files, as paths or patterns (*, ?, [a-z]), that the next post-processors work on."`
}

type artifice struct{ artificeConfig }

func (a *artifice) find() (files []string, err error) {
	for _, pattern := range a.Files {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// Fingerprint implements Reader.
func (a *artifice) Fingerprint(_ context.Context, h *cache.Hash, without []string) error {
	files, err := a.find()
	if err != nil {
		return err
	}
	for _, f := range files {
		if slices.Contains(without, output.Resolve(f)) {
			continue
		}
		fi, err := os.Stat(f)
		switch {
		case err != nil:
			return err
		case fi.IsDir():
			err = h.AddTree("file "+f, f)
		default:
			err = h.AddFile("file "+f, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *artifice) Process(_ context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	if len(in.Files) > 0 {
		run.Out.Say("Discarding files from artifact: %s", strings.Join(in.Files, ", "))
	}
	files, err := a.find()
	if err != nil {
		return image.Image{}, Prefer, err
	}
	if len(files) == 0 {
		return image.Image{}, Prefer, fmt.Errorf("no file is there that is called %s: make it before, or correct files", strings.Join(a.Files, ", "))
	}
	run.Out.Say("Using these artifact files: %s", strings.Join(files, ", "))
	return made(in, "artifice", files), Prefer, nil
}

// made is the image that a post-processor made of files. It is nothing that a
// builder could boot.
func made(in image.Image, by string, files []string) image.Image {
	return image.Image{Name: in.Name, MadeBy: "packer.post-processor." + by, Files: files,
		About: "Created artifact from files: " + strings.Join(files, ", ")}
}
