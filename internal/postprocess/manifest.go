package postprocess

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Manifest adds what was made to a list for other programs, in Packer's format.
func Manifest() template.Kind[PostProcessor] {
	return template.Define("manifest", "add what was made to a JSON file for other programs", func(c manifestConfig) (PostProcessor, error) {
		return &manifest{c}, nil
	})
}

type manifestConfig struct {
	Output     string            `opt:"output,recorded" default:"packer-manifest.json" doc:"The file; what is in it stays, unless -force is given."`
	StripPath  bool              `opt:"strip_path" default:"false" doc:"Write the names of files without their directories."`
	StripTime  bool              `opt:"strip_time" default:"false" doc:"Leave the time out."`
	CustomData map[string]string `opt:"custom_data" doc:"Texts of your own, written as they are."`
}

type manifest struct{ manifestConfig }

// manifestFile is the file. Builds of others are kept as they are.
type manifestFile struct {
	Builds  []json.RawMessage `json:"builds"`
	LastRun string            `json:"last_run_uuid"`
}

type manifestBuild struct {
	Name     string            `json:"name"`
	Type     string            `json:"builder_type"`
	Time     int64             `json:"build_time,omitempty"` // seconds since 1970
	Files    []manifestEntry   `json:"files"`
	Artifact string            `json:"artifact_id"`
	Run      string            `json:"packer_run_uuid"`
	Custom   map[string]string `json:"custom_data"`
}

type manifestEntry struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

func (m *manifest) Process(ctx context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	entry, err := json.Marshal(m.entry(run, in))
	if err == nil {
		err = m.add(ctx, run, entry)
	}
	if err != nil {
		return image.Image{}, Must, fmt.Errorf("write manifest %s: %w", m.Output, err)
	}
	return in, Must, nil
}

func (m *manifest) entry(run Run, in image.Image) manifestBuild {
	b := manifestBuild{Name: run.BuildName, Type: run.BuildType, Artifact: in.ArtifactID(), Run: run.ID, Custom: m.CustomData}
	if !m.StripTime {
		b.Time = time.Now().Unix()
	}
	for _, name := range in.Files {
		e := manifestEntry{Name: name}
		if fi, err := os.Stat(name); err == nil { // else what is not here has no size
			e.Size = fi.Size()
			if fi.IsDir() {
				e.Size = in.Size
			}
		}
		if m.StripPath {
			e.Name = filepath.Base(name)
		}
		b.Files = append(b.Files, e)
	}
	return b
}

// add adds an entry while nobody else does: builds of one run, and of others, share
// the file.
func (m *manifest) add(ctx context.Context, run Run, entry []byte) error {
	dir := filepath.Dir(m.Output)
	if err := run.Files.Dir(ctx, dir); err != nil {
		return err
	}
	lock, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	var file manifestFile
	old, err := os.ReadFile(m.Output)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case len(bytes.TrimSpace(old)) > 0:
		if err := json.Unmarshal(old, &file); err != nil {
			return fmt.Errorf("the file there is not a manifest: %w", err)
		}
	}
	if run.Force && file.LastRun != run.ID {
		file.Builds = nil
	}
	file.Builds, file.LastRun = append(file.Builds, entry), run.ID
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return run.Files.Write(ctx, m.Output, 0o644, func(w *os.File) error {
		_, err := w.Write(text)
		return err
	})
}
