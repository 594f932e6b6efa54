package tree

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/proofmark-build/proofmark/internal/image"
)

// OCIImage is one image of an OCI image layout on disk.
type OCIImage struct {
	Layout string       // the layout's directory
	Name   string       // its reference name, if it has one
	Digest image.Digest // of its manifest, which names all else by digest

	Manifest *v1.Manifest
	Config   *v1.ConfigFile
}

// maxDocument bounds the size of an index, manifest or config.
const maxDocument = 8 << 20

// OpenOCI selects an image of the layout in dir: the one whose reference name
// (org.opencontainers.image.ref.name) is name, or, with an empty name, the only
// one there is. Of an image for several platforms it takes the one for arch (Go's
// or Debian's name), the host's when empty. Manifest and config are verified
// against their digests.
func OpenOCI(dir, name, arch string) (*OCIImage, error) {
	i, err := openOCI(dir, name, platform(arch))
	if err != nil {
		return nil, fmt.Errorf("open OCI layout %s: %w", dir, err)
	}
	return i, nil
}

func openOCI(dir, name string, want v1.Platform) (*OCIImage, error) {
	index, err := readIndex(dir)
	if err != nil {
		return nil, err
	}
	desc, err := byName(index.Manifests, name, want)
	if err != nil {
		return nil, err
	}
	i := &OCIImage{Layout: dir, Name: desc.Annotations[refName]}
	// An index may point to another index; more than a few deep is no honest one.
	for depth := 0; desc.MediaType.IsIndex(); depth++ {
		if depth == 4 {
			return nil, errors.New("its indexes are nested too deeply")
		}
		var inner v1.IndexManifest
		if err := readBlob(dir, desc, &inner); err != nil {
			return nil, err
		}
		if desc, err = byPlatform(inner.Manifests, want); err != nil {
			return nil, err
		}
	}
	if !desc.MediaType.IsImage() {
		return nil, fmt.Errorf("is not an image but %s", desc.MediaType)
	}
	i.Digest, i.Manifest, i.Config = image.Digest(desc.Digest.String()), new(v1.Manifest), new(v1.ConfigFile)
	if err := readBlob(dir, desc, i.Manifest); err != nil {
		return nil, err
	}
	if err := readBlob(dir, i.Manifest.Config, i.Config); err != nil {
		return nil, err
	}
	if n := len(i.Config.RootFS.DiffIDs); n != len(i.Manifest.Layers) {
		return nil, fmt.Errorf("the image has %d layers, but its config tells of %d", len(i.Manifest.Layers), n)
	}
	return i, nil
}

func readIndex(dir string) (*v1.IndexManifest, error) {
	f, err := os.Open(filepath.Join(dir, "index.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it has no index.json: an OCI image layout is a directory as skopeo copy … oci:DIR makes it")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var index v1.IndexManifest
	if err := json.NewDecoder(io.LimitReader(f, maxDocument)).Decode(&index); err != nil {
		return nil, fmt.Errorf("read index.json: %w", err)
	}
	return &index, nil
}

// byName selects by reference name.
func byName(all []v1.Descriptor, name string, want v1.Platform) (v1.Descriptor, error) {
	var found []v1.Descriptor
	var names []string
	for _, d := range all {
		n := d.Annotations[refName]
		if n != "" {
			names = append(names, n)
		}
		// Some tools write the tag alone, some the whole name.
		if name == "" || n == name || strings.HasSuffix(n, ":"+name) {
			found = append(found, d)
		}
	}
	switch {
	case len(found) == 1 && found[0].Platform == nil, len(found) == 1 && found[0].MediaType.IsIndex():
		return found[0], nil
	case len(found) > 0 && (name != "" || len(names) < 2):
		return byPlatform(found, want)
	case len(found) > 0:
		return v1.Descriptor{}, fmt.Errorf("it holds several images: choose one of %s", strings.Join(names, ", "))
	case len(names) > 0:
		return v1.Descriptor{}, fmt.Errorf("it holds no image %q, only %s", name, strings.Join(names, ", "))
	}
	return v1.Descriptor{}, fmt.Errorf("it holds no image %q", name)
}

// byPlatform selects by architecture. One without a platform serves for all.
func byPlatform(all []v1.Descriptor, want v1.Platform) (v1.Descriptor, error) {
	var have []string
	for _, d := range all {
		p := d.Platform
		if p == nil {
			if len(all) == 1 {
				return d, nil
			}
			continue
		}
		if p.OS == want.OS && p.Architecture == want.Architecture && (want.Variant == "" || p.Variant == "" || p.Variant == want.Variant) {
			return d, nil
		}
		if p.OS != "unknown" { // attestations pose as a platform
			have = append(have, p.String())
		}
	}
	return v1.Descriptor{}, fmt.Errorf("it holds no image for %s, only for %s", want.String(), cmp.Or(strings.Join(have, ", "), "none that is named"))
}

// blobPath returns where a blob lies. A digest is checked before it becomes part
// of a path.
func blobPath(dir string, h v1.Hash) (string, error) {
	if ok, err := v1.NewHash(h.String()); err != nil || ok.Algorithm != "sha256" {
		return "", fmt.Errorf("blob %q has no sha256 digest", h)
	}
	return filepath.Join(dir, "blobs", h.Algorithm, h.Hex), nil
}

// readBlob reads a document and verifies it.
func readBlob(dir string, d v1.Descriptor, into any) error {
	p, err := blobPath(dir, d.Digest)
	if err != nil {
		return err
	}
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxDocument))
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(b); v1Hash(sum[:]) != d.Digest {
		return fmt.Errorf("%w: blob %s is damaged", ErrMismatch, d.Digest)
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("read blob %s: %w", d.Digest, err)
	}
	return nil
}

// Unpack makes the image's tree in the existing, empty directory dir by applying
// its layers in order, each verified against its digest and its diff id. The
// options apply to each layer, but for Name, and Digest, which is the manifest's.
func (i *OCIImage) Unpack(ctx context.Context, dir string, o UnpackOptions) (Unpacked, error) {
	done, err := i.unpack(ctx, dir, o)
	if err != nil {
		return Unpacked{}, fmt.Errorf("unpack %s: %w", i.Layout, err)
	}
	return done, nil
}

func (i *OCIImage) unpack(ctx context.Context, dir string, o UnpackOptions) (Unpacked, error) {
	total := Unpacked{Digest: i.Digest}
	if o.Digest != "" && o.Digest != i.Digest {
		return total, fmt.Errorf("%w: the image has %s, expected is %s", ErrMismatch, i.Digest, o.Digest)
	}
	if entries, err := os.ReadDir(dir); err != nil {
		return total, err
	} else if len(entries) > 0 {
		return total, fmt.Errorf("%s is not empty", dir)
	}
	u, err := newUnpacker(ctx, dir, o)
	if err != nil {
		return total, err
	}
	defer u.close()
	u.layer = true
	for n, d := range i.Manifest.Layers {
		u.seen = map[string]struct{}{}
		u.Digest = image.Digest(d.Digest.String())
		got, err := i.layer(u, d, i.Config.RootFS.DiffIDs[n])
		if err != nil {
			return total, fmt.Errorf("layer %d (%s): %w", n+1, d.Digest, err)
		}
		total.Read += got.Read
		total.Written += got.Written
		total.Entries += got.Entries
	}
	return total, nil
}

func (i *OCIImage) layer(u *unpacker, d v1.Descriptor, diff v1.Hash) (Unpacked, error) {
	if !d.MediaType.IsLayer() && d.MediaType != zstdLayer {
		return Unpacked{}, fmt.Errorf("has the unknown type %s", d.MediaType)
	}
	if !d.MediaType.IsDistributable() {
		return Unpacked{}, errors.New("is not in the layout but to be had elsewhere")
	}
	p, err := blobPath(i.Layout, d.Digest)
	if err != nil {
		return Unpacked{}, err
	}
	f, err := os.Open(p)
	if err != nil {
		return Unpacked{}, err
	}
	defer f.Close()
	raw := sha256.New()
	got, err := u.archive(f, raw)
	if err != nil {
		return Unpacked{}, err
	}
	if sum := v1Hash(raw.Sum(nil)); sum != diff {
		return Unpacked{}, fmt.Errorf("%w: its content has the diff id %s, its config says %s", ErrMismatch, sum, diff)
	}
	return got, nil
}
