package rootfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
	"github.com/proofmark-build/proofmark/internal/template"
)

// base is what a machine starts from.
type base interface {
	fmt.Stringer
	fingerprint(ctx context.Context, h *cache.Hash) error
	// fill puts the tree into an empty directory.
	fill(ctx context.Context, dir string, env machine.Env) error
}

// bootstrapBase is a suite installed by mmdebstrap.
type bootstrapBase struct {
	o     tree.BootstrapOptions
	proxy string // the template's own
	host  func() (Host, error)
}

func newBootstrap(c Config, d Deps) bootstrapBase {
	suite := c.Suite
	if suite == "" {
		suite = defaultSuite
	}
	return bootstrapBase{tree.BootstrapOptions{
		Suite: suite, Mirror: c.Mirror, Variant: c.Variant, Components: c.Components,
		Packages: c.Packages, Arch: c.Arch, Keyring: c.Keyring,
	}, c.Proxy, func() (Host, error) { return readHost(c, d) }}
}

func (b bootstrapBase) String() string { return "suite " + b.o.Suite }

func (b bootstrapBase) fingerprint(ctx context.Context, h *cache.Hash) error {
	mirror := b.o.Mirror
	if mirror == "" {
		mirror = tree.HostSources(b.o.Suite)
	}
	shown := credentials.ReplaceAllString(mirror, "://")
	h.Add("suite", b.o.Suite)
	if h.Add("mirror", shown); shown != mirror {
		h.AddSecret("mirror", mirror)
	}
	h.Add("variant", b.o.Variant)
	h.Add("components", strings.Join(b.o.Components, " "))
	h.Add("packages", strings.Join(b.o.Packages, " "))
	h.Add("arch", b.o.Arch)
	if b.o.Keyring != "" {
		add := h.AddFile
		if fi, err := os.Stat(b.o.Keyring); err == nil && fi.IsDir() {
			add = h.AddTree
		}
		if err := add("keyring", b.o.Keyring); err != nil {
			return err
		}
	}
	// Another mirror's answer is not this one's.
	what := "state of " + b.o.Suite + " at " + strings.Join(strings.Fields(shown), " ")
	_, err := h.Resolve(what, func() (string, error) {
		d, err := tree.Resolve(ctx, b.o.Suite, b.o.Mirror, b.proxy)
		return string(d), err
	})
	return err
}

// credentials in a mirror's URL: no part of what is shown and stored.
var credentials = regexp.MustCompile(`://[^/@\s]+@`)

func (b bootstrapBase) fill(ctx context.Context, dir string, env machine.Env) error {
	o := b.o
	o.Epoch = env.Now
	host, err := b.host()
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"http_proxy": host.HTTPProxy, "https_proxy": host.HTTPSProxy, "no_proxy": host.NoProxy,
	} {
		if value != "" {
			o.Env = append(o.Env, name+"="+value)
		}
	}
	return tree.Bootstrap(ctx, dir, o, env.Out)
}

// archiveBase is a tar archive on disk.
type archiveBase struct {
	path    string
	want    image.Digest // "" when any will do
	digests digests
}

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func newArchive(c Config, d Deps) (base, error) {
	b := archiveBase{path: c.Archive, digests: digests{filepath.Join(d.State, "digests")}}
	if c.ArchiveChecksum != "" {
		sum := strings.ToLower(c.ArchiveChecksum)
		if !strings.Contains(sum, ":") {
			sum = "sha256:" + sum
		}
		if !digestForm.MatchString(sum) {
			return nil, template.At("archive_checksum", fmt.Errorf("%q is not sha256: and 64 hexadecimal digits", c.ArchiveChecksum))
		}
		b.want = image.Digest(sum)
	}
	if err := c.onlyBootstrap(); err != nil {
		return nil, err
	}
	return b, mustBe("archive", c.Archive, fs.FileMode.IsRegular)
}

func (b archiveBase) String() string { return "archive " + b.path }

func (b archiveBase) fingerprint(_ context.Context, h *cache.Hash) error {
	digest := b.want
	if digest == "" {
		var err error
		if digest, err = b.digests.of(b.path); err != nil {
			return err
		}
	}
	h.Add("archive", string(digest))
	return nil
}

func (b archiveBase) fill(ctx context.Context, dir string, env machine.Env) error {
	return unpack(ctx, b.path, dir, tree.UnpackOptions{Digest: b.want}, env)
}

// unpack unpacks an archive and shows how far it is.
func unpack(ctx context.Context, archive, dir string, o tree.UnpackOptions, env machine.Env) error {
	fi, err := os.Stat(archive)
	if err != nil {
		return err
	}
	progress := env.Out.Progress("unpack "+filepath.Base(archive), fi.Size())
	defer progress(0, true)
	o.Progress = func(n int64) { progress(n, false) }
	_, err = tree.UnpackFile(ctx, archive, dir, o)
	return err
}

// ociBase is an image of an OCI image layout on disk.
type ociBase struct{ dir, name, arch string }

func newOCI(c Config) (base, error) {
	dir, name := c.OCI, ""
	if i := strings.LastIndexByte(dir, ':'); i > strings.LastIndexByte(dir, '/') {
		dir, name = dir[:i], dir[i+1:]
	}
	if dir == "" {
		return nil, template.At("oci", errors.New("no directory is named"))
	}
	if err := c.onlyBootstrap(); err != nil {
		return nil, err
	}
	return ociBase{dir, name, c.Arch}, mustBe("oci", dir, fs.FileMode.IsDir)
}

// mustBe looks for what an option names, so that it is missed before anything is
// started.
func mustBe(option, path string, kind func(fs.FileMode) bool) error {
	fi, err := os.Stat(path)
	if err == nil && !kind(fi.Mode()) {
		err = fmt.Errorf("%s is not one: it is a %s", path, map[bool]string{true: "directory", false: "file of another kind"}[fi.IsDir()])
	}
	if err != nil {
		return template.At(option, err)
	}
	return nil
}

func (b ociBase) String() string { return "OCI image " + b.dir }

func (b ociBase) fingerprint(_ context.Context, h *cache.Hash) error {
	img, err := tree.OpenOCI(b.dir, b.name, b.arch)
	if err != nil {
		return err
	}
	h.Add("oci", string(img.Digest))
	return nil
}

func (b ociBase) fill(ctx context.Context, dir string, env machine.Env) error {
	img, err := tree.OpenOCI(b.dir, b.name, b.arch)
	if err != nil {
		return err
	}
	_, err = img.Unpack(ctx, dir, tree.UnpackOptions{})
	return err
}

// parentBase is an image of the catalog.
type parentBase struct {
	ref  string
	find func(ctx context.Context, ref string) (image.Image, error)
}

func (b parentBase) String() string { return "parent " + b.ref }

func (b parentBase) fingerprint(ctx context.Context, h *cache.Hash) error {
	img, err := b.image(ctx)
	if err != nil {
		return err
	}
	h.Add("parent", string(img.Digest))
	return nil
}

func (b parentBase) image(ctx context.Context) (image.Image, error) {
	img, err := b.find(ctx, b.ref)
	if err != nil {
		return image.Image{}, fmt.Errorf("find parent %s: %w", b.ref, err)
	}
	if img.Builder != KindName {
		return image.Image{}, fmt.Errorf("find parent %s: it is an image of builder %s, not %s", b.ref, img.Builder, KindName)
	}
	return img, nil
}

func (b parentBase) fill(ctx context.Context, dir string, env machine.Env) error {
	img, err := b.image(ctx)
	if err != nil {
		return err
	}
	return unpackImage(ctx, img, dir, env)
}

// unpackImage puts the tree of a captured image into an empty directory, and
// verifies its bytes on the way.
func unpackImage(ctx context.Context, img image.Image, dir string, env machine.Env) error {
	o := tree.UnpackOptions{Digest: img.Digest, AllDevices: true}
	var err error
	switch img.Format {
	case tree.TarZst:
		err = unpack(ctx, img.ID, dir, o, env)
	case tree.OCI:
		var oci *tree.OCIImage
		if oci, err = tree.OpenOCI(img.ID, "", ""); err == nil {
			_, err = oci.Unpack(ctx, dir, o)
		}
	case tree.Dir:
		if err = tree.Verify(ctx, img.ID, tree.Dir, img.Digest); err == nil {
			err = copyTree(ctx, img.ID, dir)
		}
	default:
		return fmt.Errorf("unpack image %s: format %q is not one of this builder", img.ID, img.Format)
	}
	if errors.Is(err, tree.ErrMismatch) {
		return fmt.Errorf("the captured image %s is damaged: %w", img.ID, err)
	}
	return err
}

// copyTree copies a tree as it is into an empty directory.
func copyTree(ctx context.Context, from, to string) error {
	if err := os.Remove(to); err != nil {
		return err
	}
	_, err := tree.CaptureDir(ctx, from, to, tree.CaptureOptions{})
	return err
}
