package build_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// cloud is a builder whose images lie at a provider: they have an id and no files, and
// stand in the ledger under it.
type cloud struct {
	machine.Builder
	dir string // of the provider
}

func (c cloud) Where() ledger.Where { return fake.Where(filepath.Join(filepath.Dir(c.dir), "fake")) }

func (c cloud) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	m, err := c.Builder.Start(ctx, env)
	return cloudMachine{m, c.dir}, err
}

type cloudMachine struct {
	machine.Machine
	dir string
}

func (m cloudMachine) Capture(ctx context.Context, env machine.Env) (image.Image, error) {
	img, err := m.Machine.Capture(ctx, env)
	if err != nil {
		return img, err
	}
	id, err := env.Res.Create(ctx, cloudImages(m.dir), func(_ context.Context, tag string) (string, error) {
		err := os.MkdirAll(m.dir, 0o755)
		if err == nil {
			err = os.WriteFile(filepath.Join(m.dir, "ami-"+tag), nil, 0o644)
		}
		return "ami-" + tag, err
	})
	return image.Image{Name: img.Name, Builder: "cloud", ID: id, Format: "ami", Digest: img.Digest, Size: 1 << 30}, err
}

func cloudImages(dir string) ledger.Class {
	return ledger.Class{Name: "cloud image",
		Find: func(_ context.Context, tag string) ([]string, error) {
			if _, err := os.Stat(filepath.Join(dir, "ami-"+tag)); errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return []string{"ami-" + tag}, nil
		},
		Destroy: func(_ context.Context, id string) error { return os.RemoveAll(filepath.Join(dir, id)) },
	}
}

const inCloud = `
source "cloud" "web" {}
build {
  sources = ["source.cloud.web"]
  provisioner "shell" { inline = ["echo one > /srv/one"] }
}`

// TestImageAtAProvider: once recorded, it outlives the build that made it.
func TestImageAtAProvider(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(inCloud, build.Options{}).must(build.Built)
	b.wantVersions("web:1 UNPROVEN")
	v := b.versions()[0]
	if got := b.below("cloud"); len(got) != 1 || got[0] != v.Image.ID || v.Image.Size != 1<<30 {
		t.Errorf("the cloud has %q, the catalog %+v", got, v.Image)
	}
	if got := b.below("images"); len(got) != 0 {
		t.Errorf("an empty directory stays: %q", got)
	}
	b.build(inCloud, build.Options{}).must(build.Unchanged)
}
