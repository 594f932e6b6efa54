package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// PuppetServer runs an agent of a Puppet server.
func PuppetServer() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("puppet-server", "run Puppet in the machine as an agent of a Puppet server", puppetServerConfig.check)
}

type puppetServerConfig struct {
	puppetConfig
	PuppetServer         string `opt:"puppet_server" default:"puppet" doc:"Host name of the server."`
	PuppetNode           string `opt:"puppet_node" doc:"Name of the node; the machine's own name when not given."`
	ClientCertPath       string `opt:"client_cert_path" doc:"Directory of this host with the client's certificate."`
	ClientPrivateKeyPath string `opt:"client_private_key_path" doc:"Directory of this host with the client's private key."`
	StagingDir           string `opt:"staging_dir" doc:"Directory in the machine to upload to; packer-puppet-server in /tmp or %SYSTEMROOT%/Temp when not given."`
	Options              string `opt:"options" doc:"Old form of extra_arguments, as one text."`
}

func (c puppetServerConfig) check() error {
	return errors.Join(
		c.puppetConfig.check("ClientCertPath", "ClientPrivateKeyPath", "PuppetNode", "PuppetServer", "Options"),
		checkDirs("client_cert_path", c.ClientCertPath),
		checkDirs("client_private_key_path", c.ClientPrivateKeyPath),
	)
}
