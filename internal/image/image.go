// Package image names what a build makes. It imports nothing of Proofmark, so
// that every other package may speak of images.
package image

// Digest identifies captured bytes, as "sha256:" and 64 hexadecimal digits.
type Digest string

// Image is what a builder captured from a machine. It is a value: publishing
// and post-processing return a new Image and leave the old one as it was.
type Image struct {
	Name    string `json:"name"`    // the image's name in the catalog, without a version
	Builder string `json:"builder"` // the kind of builder that can boot it, e.g. "rootfs"
	// ID finds the image again: an absolute path for local images, an AMI id in EC2.
	ID     string `json:"id"`
	Format string `json:"format"` // "tar.zst", "dir", "oci", "qcow2", "ami", …
	// Digest is taken over the captured bytes. For a directory it is taken over
	// the canonical listing of the tree (see the builder).
	Digest Digest `json:"digest"`
	Size   int64  `json:"size"` // bytes at rest; of local files what Measure returns, once it is recorded
	// Files are the local files that belong to the image; empty for remote ones.
	Files []string `json:"files,omitempty"`
	// Facts are the builder's own notes, such as a region. Never secrets.
	Facts map[string]string `json:"facts,omitempty"`
}
