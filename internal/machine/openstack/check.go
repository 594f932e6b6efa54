package openstack

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// check reports what is wrong. Whether the cloud would let somebody in is not asked.
func (c Config) check() error {
	return errors.Join(
		c.Access.check(), c.Image.check(), c.Source.check(), c.Server.check(),
		c.Config.Check(connect.Rules{}), c.checkKeypair(),
		template.OneOf("ssh_ip_version", c.SSHIPVersion, "4", "6"),
		c.checkDiskFormat(),
	)
}

func (a Access) check() error {
	errs := []error{
		template.OneOf("endpoint_type", a.EndpointType, "public", "publicURL", "internal", "internalURL", "admin", "adminURL"),
		readable("cacert", a.CACert),
	}
	if a.Cert != "" && a.Key != "" {
		errs = append(errs, readable("cert", a.Cert), readable("key", a.Key))
	}
	return errors.Join(errs...)
}

func readable(option, path string) error {
	if path == "" {
		return nil
	}
	_, err := os.ReadFile(path)
	return template.At(option, err)
}

func (i Image) check() error {
	var errs []error
	if i.Visibility != "" { // in any case, unlike that of a filter
		errs = append(errs, template.OneOf("image_visibility", strings.ToLower(i.Visibility), visibilities()...))
	}
	if i.MinDisk < 0 {
		errs = append(errs, template.At("image_min_disk", fmt.Errorf("%d is too small: it is 0 or more", i.MinDisk)))
	}
	return errors.Join(errs...)
}

func visibilities() []string { return []string{"public", "private", "shared", "community"} }

func (s Source) check() error {
	sources := []string{"source_image", "source_image_name", "external_source_image_url", "source_image_filter"}
	var given []string
	for i, there := range []bool{s.ID != "", s.SourceName != "", s.URL != "", !s.Filter.Filters.empty()} {
		if there {
			given = append(given, sources[i])
		}
	}
	switch len(given) {
	case 0:
		return template.Missing(sources...)
	case 1:
		if given[0] == "source_image_filter" {
			return template.OneOf("source_image_filter.filters.visibility", s.Filter.Filters.Visibility, visibilities()...)
		}
		return nil
	}
	return template.At(given[1], fmt.Errorf("excludes %s: a server starts from one image", given[0]))
}

func (s Server) check() error {
	const limit = 255 // bytes
	var errs []error
	for _, k := range slices.Sorted(maps.Keys(s.InstanceMetadata)) {
		if len(k) > limit {
			errs = append(errs, template.At("instance_metadata", fmt.Errorf("key %.20q… has more than %d bytes", k, limit)))
		}
		if len(s.InstanceMetadata[k]) > limit {
			errs = append(errs, template.At("instance_metadata", fmt.Errorf("the value of %.20q has more than %d bytes", k, limit)))
		}
	}
	return errors.Join(errs...)
}

func (c Config) checkKeypair() error {
	switch winrm := c.Choice(connect.Rules{}) == connect.UseWinRM; {
	case c.KeypairName == "" || c.PrivateKeyFile != "":
	case winrm && c.WinRM.Password == "":
		return template.IfKnown(template.At("ssh_keypair_name", errors.New("needs ssh_private_key_file: it decrypts the password of the server")),
			"ssh_private_key_file", "winrm_password")
	case !c.AgentAuth:
		return template.IfKnown(template.At("ssh_keypair_name", errors.New("needs its key: give ssh_private_key_file, or set ssh_agent_auth")),
			"ssh_private_key_file", "ssh_agent_auth")
	}
	return nil
}

func (c Config) checkDiskFormat() error {
	if c.DiskFormat != "" && !c.Use {
		return template.IfKnown(template.At("image_disk_format", errors.New("needs use_blockstorage_volume = true")), "use_blockstorage_volume")
	}
	return nil
}
