package postprocess

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
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

// manifestForm is how a build is added to a manifest.
func manifestForm() output.Form { return output.Form{Name: "manifest", Add: addToManifest} }

// manifestAdd is one entry as it is added.
type manifestAdd struct {
	Run   string          `json:"run"`
	Force bool            `json:"force"` // what other runs have added goes
	Build json.RawMessage `json:"build"`
}

func (m *manifest) Process(ctx context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	build, err := json.Marshal(m.entry(run, in))
	var entry []byte
	if err == nil {
		entry, err = json.Marshal(manifestAdd{run.ID, run.Force, build})
	}
	if err == nil {
		_, err = run.Files.Add(ctx, m.Output, 0o644, manifestForm(), entry)
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

func addToManifest(text, entry []byte) ([]byte, error) {
	var file manifestFile
	if len(bytes.TrimSpace(text)) > 0 {
		if err := json.Unmarshal(text, &file); err != nil {
			return nil, fmt.Errorf("the file there is not a manifest: %w", err)
		}
	}
	var e manifestAdd
	if err := json.Unmarshal(entry, &e); err != nil {
		return nil, err
	}
	if e.Force && file.LastRun != e.Run {
		file.Builds = nil
	}
	file.Builds, file.LastRun = append(file.Builds, e.Build), e.Run
	return json.MarshalIndent(file, "", "  ")
}
