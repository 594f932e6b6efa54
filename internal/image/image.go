// Package image names what a build makes. It imports nothing of Proofmark, so
// that every other package may speak of images.
package image

import "path/filepath"

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
	// Disks are further forms of it, from which machines boot. Their files are among Files.
	Disks []Disk `json:"disks,omitempty"`
	// MadeBy names what made it where that is not the builder alone, as Packer names
	// it: "packer.post-processor.compress".
	MadeBy string `json:"made_by,omitempty"`
	// About is a line for people; empty where the ID says it all.
	About string `json:"about,omitempty"`
	// Facts are the builder's own notes, such as a region. Never secrets.
	Facts map[string]string `json:"facts,omitempty"`
}

// Disk is a form of an image from which machines boot: a local file.
type Disk struct {
	Path   string   `json:"path"`
	Format string   `json:"format"` // "raw", "qcow2", "vmdk", "vdi", "vhd", "ova"
	Digest Digest   `json:"digest"` // of the file
	Size   int64    `json:"size"`   // bytes of the file
	Room   int64    `json:"room"`   // bytes of the disk as a machine sees it
	Boot   []string `json:"boot"`   // firmware that it boots on: "bios", "uefi"
}

// WithoutDisks is how much of a size is not that of disks.
func WithoutDisks(size int64, disks []Disk) int64 {
	for _, d := range disks {
		size -= d.Size
	}
	return max(size, 0)
}

// ArtifactID is what programs of users know it by: of local images the digest, which
// stays when the image is moved and leads to it in the catalog; of others the ID.
func (i Image) ArtifactID() string {
	if i.Digest != "" && filepath.IsAbs(i.ID) {
		return string(i.Digest)
	}
	return i.ID
}
