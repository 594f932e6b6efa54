// Package tree handles root file system trees at rest: it makes them from
// archives, OCI image layouts and package mirrors, captures them into images,
// verifies what was captured, and removes what must not be in an image.
//
// Nothing here starts or mounts a machine. Every function that writes into or
// reads from a tree resolves names below the tree's root as the machine itself
// would (an absolute link starts at the tree's root), so that no link leads out
// of it. It needs Linux 5.6 or newer.
//
// As root, owners, modes, times, device nodes and extended attributes are kept.
// Without root (and outside of a user namespace) owners are those of the caller.
// In a user namespace device nodes cannot be made; those below /dev are left
// out, since a machine gets its /dev when it starts.
package tree

import "errors"

// Forms of a captured tree, as in image.Image.Format.
const (
	TarZst = "tar.zst" // one archive
	Dir    = "dir"     // a directory
	OCI    = "oci"     // an OCI image layout: a directory with index.json and blobs
)

var (
	// ErrMismatch is wrapped by every error that says that bytes do not have the
	// digest they were promised to have.
	ErrMismatch = errors.New("digest differs")
	// ErrChanged is wrapped by the error of a capture whose input changed while it
	// was read.
	ErrChanged = errors.New("changed while it was read")
)
