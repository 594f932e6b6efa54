package qemu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

var _ machine.Child = (*Builder)(nil)

// Parent returns the template's reference to the parent image, "" without one.
func (b *Builder) Parent() string { return b.c.ParentImage }

// usualSize is that of a new disk.
const usualSize = "40960M"

// withParent fills in what another origin of the disk means for other options.
func (c Config) withParent() Config {
	if c.ParentImage == "" {
		if c.Disks.Size == "" {
			c.Disks.Size = usualSize
		}
		return c
	}
	c.Image = true
	c.SkipResize = c.SkipResize || c.Disks.Size == ""
	if c.Choice(connect.Rules{}) == connect.UseSSH && c.SSH.Username == "" {
		c.SSH.Username = "root"
	}
	return c
}

// checkOrigin wants a medium or a parent.
func (c Config) checkOrigin() error {
	if c.ParentImage == "" {
		return template.IfKnown(c.ISO.Check(), "parent")
	}
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"iso_url", c.ISO.URL != ""}, {"iso_urls", len(c.URLs) > 0}, {"iso_checksum", c.Checksum != "" && !c.ISOSkipCache},
		{"iso_skip_cache", c.ISOSkipCache}, {"use_backing_file", c.Backing},
	} {
		if o.given {
			return template.At(o.name, errors.New("a machine that starts from a parent image has no medium: give one or the other"))
		}
	}
	return nil
}

// checkShutdown warns where the power would be cut. A system that was made here heeds its
// power button, or is told to when it does not.
func (c Config) checkShutdown() error {
	if c.ParentImage != "" {
		return nil
	}
	return c.Shutdown.Check()
}

// invites tells whether the machine is given a key to let in whoever provisions it: where the
// template knows no way into the parent.
func (c Config) invites() bool {
	s := c.SSH
	return c.ParentImage != "" && c.Choice(connect.Rules{}) == connect.UseSSH && s.Password == "" && s.PrivateKeyFile == "" && !s.AgentAuth
}

// invitation are the arguments of QEMU that let the machine know the key.
func (m *vm) invitation() []string {
	if m.trial || m.key == nil || !m.b.c.invites() {
		return nil
	}
	return m.key.credentials(m.b.c.SSH.Username)
}

// parent finds the disk to start from, and refuses one that the machine could not boot.
func (b *Builder) parent(ctx context.Context) (imageDisks, error) {
	fail := func(err error) (imageDisks, error) {
		return imageDisks{}, fmt.Errorf("find parent %s: %w", b.c.ParentImage, err)
	}
	if b.deps.Parent == nil {
		return fail(errors.New("there is no catalog to find it in"))
	}
	img, err := b.deps.Parent(ctx, b.c.ParentImage)
	if err != nil {
		return fail(err)
	}
	if !HasDisk(img) {
		return fail(fmt.Errorf("it has no disk to start from: it is an image of builder %s: add an output block with a disk to it, such as format = \"qcow2\"", img.Builder))
	}
	found, err := disksOf(img)
	switch {
	case err != nil:
		return fail(err)
	case len(found.disks) != 1:
		return fail(fmt.Errorf("it has %d disks; this version starts from one", len(found.disks)))
	case len(found.boot) > 0 && b.c.EFI && !slices.Contains(found.boot, uefi):
		return fail(errors.New("its disk boots on a BIOS alone: take efi_boot away, or add \"uefi\" to boot in its output block"))
	case len(found.boot) > 0 && !b.c.EFI && !slices.Contains(found.boot, bios):
		return fail(errors.New("its disk boots on UEFI alone: set efi_boot = true"))
	}
	found.installedOn = img.Facts[factFirmware]
	return found, nil
}

// addParent adds the digest of the parent's disk, and who is let in.
func (b *Builder) addParent(ctx context.Context, h *cache.Hash) error {
	found, err := b.parent(ctx)
	if err != nil {
		return err
	}
	h.Add("parent", string(found.digest))
	if b.c.invites() {
		h.Add("ssh_username", b.c.SSH.Username)
	}
	return nil
}

// openParent finds the disk to start from, and reads whether it is still what the catalog has.
func (m *vm) openParent(ctx context.Context) (*imageDisks, error) {
	found, err := m.b.parent(ctx)
	if err != nil {
		return nil, err
	}
	if was := found.installedOn; was == uefi && !m.b.c.EFI {
		m.out.Warn("the parent was made on UEFI, and this machine has a BIOS: if it does not come up set efi_boot = true")
	}
	progress := m.out.Progress("read "+m.b.c.ParentImage, 0)
	defer progress(0, true)
	now, err := digest(ctx, found.files, func(n int) { progress(int64(n), false) })
	if err != nil {
		return nil, err
	}
	if now != found.digest {
		return nil, fmt.Errorf("%s is not what the catalog has of %s: build that again", strings.Join(found.files, ", "), m.b.c.ParentImage)
	}
	return &found, nil
}
