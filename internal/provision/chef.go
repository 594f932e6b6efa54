package provision

import (
	"encoding/json"
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// chefConfig is what the provisioners with Chef share.
type chefConfig struct {
	guestConfig
	RunList           []string       `opt:"run_list" doc:"Recipes and roles to run."`
	JSON              *template.Tree `opt:"json" doc:"Attributes of the node."`
	JSONString        string         `opt:"json_string" doc:"Attributes of the node as JSON text."`
	ChefEnvironment   string         `opt:"chef_environment" doc:"Chef environment of the node."`
	ChefLicense       string         `opt:"chef_license" doc:"How the licence of Chef is accepted; accept-silent when Chef is installed by the usual command."`
	ConfigTemplate    string         `opt:"config_template" doc:"File on this host to make Chef's configuration from, instead of the usual one."`
	DataBagSecretPath string         `opt:"encrypted_data_bag_secret_path" doc:"File on this host with the secret of encrypted data bags."`
	PreventSudo       bool           `opt:"prevent_sudo" default:"false" doc:"Do not run commands with sudo."`
	SkipInstall       bool           `opt:"skip_install" default:"false" doc:"Chef is in the machine already: do not install it."`
	Version           string         `opt:"version" doc:"Version of Chef to install; the newest when not given."`
	ExecuteCommand    template.Late  `opt:"execute_command" doc:"Command that runs Chef, with {{.ConfigPath}}, {{.JsonPath}} and {{.Sudo}}."`
	InstallCommand    template.Late  `opt:"install_command" doc:"Command that installs Chef, with {{.Sudo}} and {{.Version}}."`
	StagingDirectory  string         `opt:"staging_directory" doc:"Directory in the machine to upload to; packer-chef-client or packer-chef-solo in /tmp or C:/Windows/Temp when not given."`
}

func (c *chefConfig) check() error {
	errs := []error{
		c.guestConfig.check(),
		checkFiles("config_template", c.ConfigTemplate),
		checkFiles("encrypted_data_bag_secret_path", c.DataBagSecretPath),
		checkFields("execute_command", c.ExecuteCommand, "ConfigPath", "JsonPath", "Sudo"),
		checkFields("install_command", c.InstallCommand, "Sudo", "Version"),
	}
	if c.JSONString != "" {
		var attributes map[string]any
		if json.Unmarshal([]byte(c.JSONString), &attributes) != nil {
			// What is wrong with it may quote a secret.
			errs = append(errs, template.At("json_string", errors.New("it is no JSON object")))
		}
	}
	return errors.Join(errs...)
}
