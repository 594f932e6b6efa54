package tree

import (
	"context"
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// BootstrapOptions says what mmdebstrap installs.
type BootstrapOptions struct {
	Suite      string   // e.g. "bookworm"
	Mirror     string   // URL (http, https, file, copy) or one-line source entries; empty for the host's
	Variant    string   // e.g. "minbase"; empty for "apt"
	Components []string // empty for main
	Packages   []string
	Arch       string // Debian's name; empty for the host's
	Keyring    string // file or directory; empty for the host's
	Mode       string // "root", "unshare"; empty: root when root, else unshare
	// Epoch becomes SOURCE_DATE_EPOCH; zero: not set.
	Epoch time.Time
	// Env is added to the environment of mmdebstrap, e.g. proxies. Without it the
	// caller's own environment counts.
	Env []string
}

// Bootstrap makes a Debian root file system in dir, which is empty or missing.
// What mmdebstrap prints goes to out. When ctx ends the whole process group is
// ended, and what it mounted is unmounted. Files of the host that mmdebstrap
// copies (resolver settings, host name) are removed again.
func Bootstrap(ctx context.Context, dir string, o BootstrapOptions, out machine.Log) error {
	return errors.New("bootstrap is not built yet")
}

// Resolve returns the digest of the mirror's present InRelease file for the
// suite: what "latest" means now. It waits at most 15 seconds.
func Resolve(ctx context.Context, suite, mirror string) (image.Digest, error) {
	return "", errors.New("resolve is not built yet")
}

// HostMirror returns the URL that the host's own package sources name for a
// suite, "" when they name none.
func HostMirror(suite string) string { return "" }
