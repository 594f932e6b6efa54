package tree

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/proofmark-build/proofmark/internal/image"
)

// OCIOptions says what an OCI image is made with.
type OCIOptions struct {
	CaptureOptions
	Name    string            // reference name in the layout's index
	Arch    string            // Go's or Debian's name; empty for the host's
	Created time.Time         // zero stands for 1970, so that the same trees give the same bytes
	Labels  map[string]string // config labels
	Cmd     []string          // default command; nil for /bin/sh
	Entry   []string          // entry point
	Env     []string          // KEY=VALUE; nil for a plain PATH
	Workdir string
	User    string
	Gzip    bool // layers compressed with gzip instead of zstd, for old readers
}

// refName is the annotation of a layout's index that names an image.
const refName = "org.opencontainers.image.ref.name"

// zstdLayer is the media type of a layer compressed with zstd.
const zstdLayer types.MediaType = "application/vnd.oci.image.layer.v1.tar+zstd"

// CaptureOCI writes an OCI image layout to the new directory out, with one image
// of one layer per directory in layers, lowest first. A single directory is a
// whole tree (squashed); with more, those after the first are overlay upper
// directories: their whiteouts and opaque directories become OCI's. A file that a
// higher layer removes is still in the lower one for whoever has the image. What
// is kept and what fails is as with CaptureTar; an existing out is an error.
func CaptureOCI(ctx context.Context, layers []string, out string, o OCIOptions) (_ Captured, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("capture %s: %w", out, err)
		}
	}()
	if len(layers) == 0 {
		return Captured{}, fmt.Errorf("no tree was given")
	}
	part, err := partDir(out)
	if err != nil {
		return Captured{}, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(part)
		}
	}()
	l := layoutWriter{dir: part}
	if err := os.MkdirAll(l.blobs(), 0o755); err != nil {
		return Captured{}, explain(err)
	}
	var done Captured
	config := o.config()
	manifest := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for i, dir := range layers {
		a := archiver{progress: o.Progress, oci: true, layer: i > 0}
		desc, diff, err := l.layer(ctx, dir, &a, o)
		if err != nil {
			return Captured{}, err
		}
		manifest.Layers = append(manifest.Layers, desc)
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, diff)
		config.History = append(config.History, v1.History{Created: config.Created, CreatedBy: "proofmark"})
		done.Content += a.content
		done.Entries += a.entries
	}
	if manifest.Config, err = l.json(types.OCIConfigJSON, config); err != nil {
		return Captured{}, err
	}
	desc, err := l.json(types.OCIManifestSchema1, manifest)
	if err != nil {
		return Captured{}, err
	}
	desc.Platform = &v1.Platform{Architecture: config.Architecture, OS: config.OS, Variant: config.Variant}
	if o.Name != "" {
		desc.Annotations = map[string]string{refName: o.Name}
	}
	index := v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{desc}}
	if err := l.file("index.json", index); err != nil {
		return Captured{}, err
	}
	if err := l.file("oci-layout", map[string]string{"imageLayoutVersion": "1.0.0"}); err != nil {
		return Captured{}, err
	}
	if err := os.Rename(part, out); err != nil {
		return Captured{}, err
	}
	done.Digest, done.Size = image.Digest(desc.Digest.String()), l.size
	return done, nil
}

func (o *OCIOptions) config() *v1.ConfigFile {
	p := platform(o.Arch)
	created := o.Created
	if created.IsZero() {
		created = time.Unix(0, 0)
	}
	c := &v1.ConfigFile{
		Architecture: p.Architecture, OS: p.OS, Variant: p.Variant,
		Created: v1.Time{Time: created.UTC()},
		Config: v1.Config{
			Labels: o.Labels, Cmd: o.Cmd, Entrypoint: o.Entry, Env: o.Env, WorkingDir: o.Workdir, User: o.User,
		},
		RootFS: v1.RootFS{Type: "layers"},
	}
	if c.Config.Cmd == nil && c.Config.Entrypoint == nil {
		c.Config.Cmd = []string{"/bin/sh"}
	}
	if c.Config.Env == nil {
		c.Config.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	}
	return c
}

// platform translates Debian's names of architectures to those of OCI images.
func platform(arch string) v1.Platform {
	p := v1.Platform{OS: "linux", Architecture: cmp.Or(arch, runtime.GOARCH)}
	switch arch {
	case "i386":
		p.Architecture = "386"
	case "armhf":
		p.Architecture, p.Variant = "arm", "v7"
	case "armel":
		p.Architecture, p.Variant = "arm", "v5"
	case "ppc64el":
		p.Architecture = "ppc64le"
	case "mips64el":
		p.Architecture = "mips64le"
	}
	return p
}

// layoutWriter writes the files of a layout.
type layoutWriter struct {
	dir  string
	size int64
}

func (l *layoutWriter) blobs() string { return filepath.Join(l.dir, "blobs", "sha256") }

// layer writes one tree as a layer and returns its descriptor and its diff id.
func (l *layoutWriter) layer(ctx context.Context, dir string, a *archiver, o OCIOptions) (v1.Descriptor, v1.Hash, error) {
	p, err := createPart(filepath.Join(l.blobs(), "layer"))
	if err != nil {
		return v1.Descriptor{}, v1.Hash{}, err
	}
	defer p.abort()
	var c *compressor
	media := zstdLayer
	if o.Gzip {
		c, media = newGzip(p, o.Level, sha256.New(), sha256.New()), types.OCILayer
	} else {
		c = newZstd(p, o.Level, sha256.New(), sha256.New(), nil)
	}
	if err := cmp.Or(a.run(ctx, dir, c), c.Close()); err != nil {
		return v1.Descriptor{}, v1.Hash{}, err
	}
	d := v1.Descriptor{MediaType: media, Size: c.size, Digest: v1Hash(c.out.Sum(nil))}
	l.size += c.size
	return d, v1Hash(c.raw.Sum(nil)), p.commit(filepath.Join(l.blobs(), d.Digest.Hex))
}

// json writes a document as a blob.
func (l *layoutWriter) json(media types.MediaType, v any) (v1.Descriptor, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return v1.Descriptor{}, err
	}
	sum := sha256.Sum256(b)
	d := v1.Descriptor{MediaType: media, Size: int64(len(b)), Digest: v1Hash(sum[:])}
	return d, l.write(filepath.Join(l.blobs(), d.Digest.Hex), b)
}

// file writes a document under a name of its own.
func (l *layoutWriter) file(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.write(filepath.Join(l.dir, name), b)
}

func (l *layoutWriter) write(path string, b []byte) error {
	p, err := createPart(path)
	if err != nil {
		return err
	}
	defer p.abort()
	if _, err := p.Write(b); err != nil {
		return err
	}
	l.size += int64(len(b))
	return p.commit(path)
}

func v1Hash(sum []byte) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(sum)}
}
