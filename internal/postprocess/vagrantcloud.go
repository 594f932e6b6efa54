package postprocess

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// VagrantCloud is the kind of post-processors that publish boxes on Vagrant Cloud.
// getenv returns a variable of the environment, as os.Getenv does.
func VagrantCloud(getenv func(string) string) template.Kind[PostProcessor] {
	return template.Valid[PostProcessor]("vagrant-cloud", "publish a Vagrant box on Vagrant Cloud",
		func(c vagrantCloudConfig) error { return c.check(getenv) })
}

// VagrantRegistry is the kind of post-processors that publish boxes in the registry of
// HCP. getenv returns a variable of the environment, as os.Getenv does.
func VagrantRegistry(getenv func(string) string) template.Kind[PostProcessor] {
	return template.Valid[PostProcessor]("vagrant-registry", "publish a Vagrant box in the HCP Vagrant Registry",
		func(c vagrantRegistryConfig) error { return c.check(getenv) })
}

// box says how a box is published.
type box struct {
	Tag         string        `opt:"box_tag,required" doc:"Name of the box: ORGANIZATION/NAME."`
	Version     string        `opt:"version,required" doc:"Version of the box."`
	Description string        `opt:"version_description" doc:"Description of the version."`
	NoRelease   bool          `opt:"no_release" default:"false" doc:"Do not release the version."`
	Arch        string        `opt:"architecture" doc:"Architecture of the box; what the box says by default."`
	DefaultArch string        `opt:"default_architecture" doc:"Architecture that counts where none is asked for."`
	DownloadURL template.Late `opt:"box_download_url" doc:"Where the box can be downloaded, instead of uploading it; {{.Provider}}, {{.Architecture}} and {{.ArtifactId}} are the box's."`
	Checksum    string        `opt:"box_checksum" doc:"Digest of the box: TYPE:HEX."`
	NoDirect    bool          `opt:"no_direct_upload" default:"false" doc:"Upload through the service instead of straight to its storage."`
	InsecureTLS bool          `opt:"insecure_skip_tls_verify" default:"false" doc:"Take any certificate of a service that is not the public one."`
}

func (c box) check() error {
	var errs []error
	if kind, digest, ok := strings.Cut(c.Checksum, ":"); c.Checksum != "" && (!ok || kind == "" || digest == "") {
		errs = append(errs, template.At("box_checksum", fmt.Errorf("%q is no digest: write TYPE:HEX", c.Checksum)))
	}
	known := map[string]string{"Provider": "0", "Architecture": "0", "ArtifactId": "0"}
	if slices.ContainsFunc(c.DownloadURL.Fields(), func(f string) bool { return known[f] == "" }) {
		_, err := c.DownloadURL.Render(known)
		errs = append(errs, template.Warning(template.At("box_download_url", err)))
	}
	return errors.Join(errs...)
}

// vagrantCloudConfig is a post-processor block of type vagrant-cloud.
type vagrantCloudConfig struct {
	box
	Token string `opt:"access_token" doc:"Token of the account; VAGRANT_CLOUD_TOKEN by default."`
	URL   string `opt:"vagrant_cloud_url" default:"https://vagrantcloud.com/api/v2" doc:"URL of the service."`
}

func (c vagrantCloudConfig) check(getenv func(string) string) error {
	err := c.box.check()
	if c.Token == "" && c.URL == "https://vagrantcloud.com/api/v2" && getenv("VAGRANT_CLOUD_TOKEN") == "" && getenv("ATLAS_TOKEN") == "" {
		err = errors.Join(err, template.IfKnown(template.Missing("access_token"), "vagrant_cloud_url"))
	}
	return err
}

// vagrantRegistryConfig is a post-processor block of type vagrant-registry.
type vagrantRegistryConfig struct {
	box
	BoxDescription string `opt:"box_description" doc:"Description of a box that is made."`
	BoxPrivate     bool   `opt:"box_private" default:"false" doc:"Make a box that is made private."`
	ClientID       string `opt:"client_id" doc:"Id of the service principal; HCP_CLIENT_ID by default."`
	ClientSecret   string `opt:"client_secret" doc:"Secret of the service principal; HCP_CLIENT_SECRET by default."`
	Address        string `opt:"hcp_api_address" doc:"Address of the service; HCP_API_ADDRESS or api.cloud.hashicorp.com:443 by default."`
	AuthURL        string `opt:"hcp_auth_url" doc:"URL at which the service principal is authenticated."`
}

func (c vagrantRegistryConfig) check(getenv func(string) string) error {
	const public = "api.cloud.hashicorp.com:443"
	errs := []error{c.box.check()}
	if !strings.Contains(c.Tag, "/") {
		errs = append(errs, template.At("box_tag", fmt.Errorf("%q is no name of a box: write REGISTRY/NAME", c.Tag)))
	}
	for _, address := range []string{c.Address, getenv("HCP_API_ADDRESS")} {
		if address != "" && address != public {
			return errors.Join(errs...)
		}
	}
	if c.InsecureTLS {
		errs = append(errs, template.IfKnown(template.At("insecure_skip_tls_verify", errors.New("the public service is not reached so: give hcp_api_address")), "hcp_api_address"))
	}
	if c.ClientID == "" && getenv("HCP_CLIENT_ID") == "" {
		errs = append(errs, template.IfKnown(template.Missing("client_id"), "hcp_api_address"))
	}
	if c.ClientSecret == "" && getenv("HCP_CLIENT_SECRET") == "" {
		errs = append(errs, template.IfKnown(template.Missing("client_secret"), "hcp_api_address"))
	}
	return errors.Join(errs...)
}
