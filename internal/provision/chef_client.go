package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// ChefClient runs Chef against a server.
func ChefClient() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("chef-client", "run Chef in the machine as a client of a Chef server", chefClientConfig.check)
}

type chefClientConfig struct {
	ServerURL string `opt:"server_url,required" doc:"URL of the Chef server."`
	chefConfig
	elevatedConfig
	NodeName                  string        `opt:"node_name" default:"packer-{{uuid}}" doc:"Name of the node on the server."`
	ClientKey                 string        `opt:"client_key" doc:"Where the client's key lies in the machine; client.pem in the staging directory when not given."`
	ValidationClientName      string        `opt:"validation_client_name" doc:"Name of the validation client; chef-validator is the server's usual one."`
	ValidationKeyPath         string        `opt:"validation_key_path" doc:"Validation key on this host; it is uploaded."`
	PolicyName                string        `opt:"policy_name" doc:"Policy of the node; needs policy_group."`
	PolicyGroup               string        `opt:"policy_group" doc:"Group of the policy; needs policy_name."`
	RubygemsURL               string        `opt:"rubygems_url" doc:"Where Chef gets gems from."`
	SSLVerifyMode             string        `opt:"ssl_verify_mode" doc:"How Chef checks the server: verify_peer or verify_none; verify_peer when not given."`
	TrustedCertsDir           string        `opt:"trusted_certs_dir" doc:"Directory in the machine with certificates that Chef trusts."`
	KnifeCommand              template.Late `opt:"knife_command" doc:"Command that removes node and client from the server, with {{.Args}}, {{.Flags}} and {{.Sudo}}."`
	SkipCleanClient           bool          `opt:"skip_clean_client" default:"false" doc:"Leave the client on the server."`
	SkipCleanNode             bool          `opt:"skip_clean_node" default:"false" doc:"Leave the node on the server."`
	SkipCleanStagingDirectory bool          `opt:"skip_clean_staging_directory" default:"false" doc:"Leave the staging directory in the machine."`
}

func (c chefClientConfig) check() error {
	errs := []error{c.chefConfig.check(), checkFields("knife_command", c.KnifeCommand, "Args", "Flags", "Sudo")}
	both := errors.New("policy_name and policy_group are given together or not at all")
	switch {
	case c.PolicyName != "" && c.PolicyGroup == "":
		errs = append(errs, template.IfKnown(template.At("policy_name", both), "policy_group"))
	case c.PolicyName == "" && c.PolicyGroup != "":
		errs = append(errs, template.IfKnown(template.At("policy_group", both), "policy_name"))
	}
	return errors.Join(errs...)
}
