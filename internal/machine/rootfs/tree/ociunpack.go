package tree

import (
	"context"
	"errors"

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

// OpenOCI selects an image of the layout in dir: the one whose reference name
// (org.opencontainers.image.ref.name) is name, or, with an empty name, the only
// one there is. Of an image for several platforms it takes the one for arch (Go's
// or Debian's name), the host's when empty. Manifest and config are verified
// against their digests.
func OpenOCI(dir, name, arch string) (*OCIImage, error) {
	return nil, errors.New("oci is not built yet")
}

// Unpack makes the image's tree in the existing, empty directory dir by applying
// its layers in order, each verified against its digest and diff id. UnpackOptions
// apply to each layer, Digest to the manifest.
func (i *OCIImage) Unpack(ctx context.Context, dir string, o UnpackOptions) (Unpacked, error) {
	return Unpacked{}, errors.New("oci is not built yet")
}
