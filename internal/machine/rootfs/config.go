package rootfs

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type rootfs. One of suite, archive, oci and parent
// says what it starts from; none means the default suite.
type Config struct {
	Suite      string   `opt:"suite" doc:"Debian suite to bootstrap with mmdebstrap; bookworm when nothing else is said"`
	Mirror     string   `opt:"mirror" doc:"package mirror of the bootstrap: a URL, or one-line source entries; the host's by default"`
	Variant    string   `opt:"variant" doc:"mmdebstrap variant: essential, apt, minbase, standard …; apt by default"`
	Components []string `opt:"components" doc:"archive components, main by default"`
	Packages   []string `opt:"packages" doc:"packages to install beyond the variant's"`
	Arch       string   `opt:"arch" doc:"Debian architecture, the host's by default"`
	Keyring    string   `opt:"keyring" doc:"file or directory of keys that sign the mirror, the host's by default"`

	Archive         string `opt:"archive" doc:"tar archive to start from, plain or compressed with gzip, xz, zstd or bzip2"`
	ArchiveChecksum string `opt:"archive_checksum" doc:"sha256:… that the archive must have"`
	OCI             string `opt:"oci" doc:"OCI image layout to start from: directory[:reference]"`
	ParentImage     string `opt:"parent" doc:"image of the catalog to start from: name or name:version"`

	ImageName     string   `opt:"image_name,recorded" doc:"name in the catalog, the source's by default"`
	StartServices bool     `opt:"start_services" doc:"boot the machine with its init system while it is provisioned, so that services run"`
	ProveBoot     *bool    `opt:"prove_boot" doc:"boot the machine for the gates; by default if it has an init system"`
	Keep          []string `opt:"keep" doc:"names of seal rules that are not applied, such as package-lists"`
	Proxy         string   `opt:"proxy" doc:"proxy that the machine uses instead of the host's"`
	Outputs       []Output `opt:"output" doc:"form and place of the image; more than one block makes more than one form"`
}

const defaultSuite = "bookworm"

// Kind is the builder's entry in the list of kinds.
func Kind(d Deps) template.Kind[machine.Builder] {
	return template.Define(KindName, "root file systems built on this host, without a hypervisor",
		func(c Config) (machine.Builder, error) { return New(c, d) })
}

// base chooses what machines start from, and checks the rest.
func (c Config) base(d Deps) (base, error) {
	if err := c.checkOutputs(); err != nil {
		return nil, err
	}
	for _, name := range c.Keep {
		if known := machine.SealRuleNames(); !slices.Contains(known, name) {
			return nil, template.At("keep", fmt.Errorf("there is no seal rule %q; there are %s", name, strings.Join(known, ", ")))
		}
	}
	var given []string
	for _, o := range []struct{ name, value string }{
		{"suite", c.Suite}, {"archive", c.Archive}, {"oci", c.OCI}, {"parent", c.ParentImage},
	} {
		if o.value != "" {
			given = append(given, o.name)
		}
	}
	if len(given) > 1 {
		return nil, template.At(given[1], fmt.Errorf("%s exclude each other: a machine starts from one thing", strings.Join(given, " and ")))
	}
	if c.Archive == "" && c.ArchiveChecksum != "" {
		return nil, template.At("archive_checksum", errors.New("there is no archive"))
	}
	switch {
	case c.Archive != "":
		return newArchive(c, d)
	case c.OCI != "":
		return newOCI(c)
	case c.ParentImage != "":
		if d.Parent == nil {
			return nil, template.At("parent", errors.New("there is no catalog to find it in"))
		}
		return parentBase{c.ParentImage, d.Parent}, c.onlyBootstrap()
	}
	if c.Keyring != "" && !filepath.IsAbs(c.Keyring) {
		return nil, template.At("keyring", errors.New("must be an absolute path"))
	}
	return newBootstrap(c, d), nil
}

// onlyBootstrap refuses options that count for a bootstrap alone.
func (c Config) onlyBootstrap() error {
	for _, o := range []struct {
		name string
		set  bool
	}{
		{"mirror", c.Mirror != ""}, {"variant", c.Variant != ""}, {"components", len(c.Components) > 0},
		{"packages", len(c.Packages) > 0}, {"keyring", c.Keyring != ""},
	} {
		if o.set {
			return template.At(o.name, errors.New("counts only for a suite to bootstrap; install packages in a provisioner instead"))
		}
	}
	return nil
}
