package postprocess

import (
	"errors"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Vagrant is the kind of post-processors that make Vagrant boxes.
func Vagrant() template.Kind[PostProcessor] {
	return template.Valid[PostProcessor]("vagrant", "make a Vagrant box of a machine", vagrantConfig.check)
}

// vagrantConfig is a post-processor block of type vagrant.
type vagrantConfig struct {
	Provider string             `opt:"provider_override" doc:"Provider that the box is for; by default the one that suits the machine."`
	Override map[string]boxText `opt:"override" doc:"Other options for single providers, by the provider's name."`
	boxText
}

// boxText is the options that may differ from provider to provider.
type boxText struct {
	Compression *int          `opt:"compression_level" doc:"How hard to compress, from 0, not at all, to 9; gzip's own choice by default."`
	Include     []string      `opt:"include" doc:"More files to put into the box."`
	Output      template.Late `opt:"output,recorded" default:"packer_{{.BuildName}}_{{.Provider}}_{{.Architecture}}.box" doc:"File of the box."`
	Vagrantfile string        `opt:"vagrantfile_template" doc:"File whose text the box's Vagrantfile gets; a template in {{ }}."`
	Generated   bool          `opt:"vagrantfile_template_generated" default:"false" doc:"That file is made by the build: it need not exist before."`
	Arch        string        `opt:"architecture" doc:"Architecture of the box, such as amd64; this host's by default."`
}

func (c vagrantConfig) check() error {
	errs := []error{c.boxText.check(""), template.OneOf("provider_override", c.Provider, vagrantProviders()...)}
	for name, o := range c.Override {
		errs = append(errs, o.check("override."+name+"."))
	}
	return errors.Join(errs...)
}

func vagrantProviders() []string {
	return []string{"aws", "azure", "digitalocean", "docker", "file", "google", "hyperv", "libvirt", "lxc", "parallels", "scaleway", "virtualbox", "vmware"}
}

// check checks the options, whose names begin as in says.
func (c boxText) check(in string) error {
	var errs []error
	if c.Compression != nil && (*c.Compression < -2 || *c.Compression > 9) {
		errs = append(errs, template.At(in+"compression_level", fmt.Errorf("%d is not from 0 to 9", *c.Compression)))
	}
	if c.Vagrantfile != "" && !c.Generated {
		if _, err := os.Stat(c.Vagrantfile); err != nil {
			errs = append(errs, template.IfKnown(template.At(in+"vagrantfile_template", err), in+"vagrantfile_template_generated"))
		}
	}
	return errors.Join(errs...)
}
