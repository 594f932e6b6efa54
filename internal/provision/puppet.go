package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// puppetConfig is what the provisioners with Puppet share.
type puppetConfig struct {
	guestConfig
	elevatedConfig
	Facter           map[string]string `opt:"facter" doc:"Facts that the run sees."`
	ExecuteCommand   template.Late     `opt:"execute_command" doc:"Command that runs Puppet. It has {{.WorkingDir}}, {{.FacterVars}}, {{.Sudo}}, {{.PuppetBinDir}}, {{.Debug}}, {{.ExtraArguments}} and what else the options give."`
	ExtraArguments   []template.Late   `opt:"extra_arguments" doc:"More arguments for Puppet."`
	IgnoreExitCodes  bool              `opt:"ignore_exit_codes" default:"false" doc:"Go on whatever exit status Puppet ends with; else 0 and 2 are success."`
	PreventSudo      bool              `opt:"prevent_sudo" default:"false" doc:"Do not run Puppet with sudo."`
	PuppetBinDir     string            `opt:"puppet_bin_dir" doc:"Directory of the program puppet in the machine, where it is not in the path."`
	WorkingDirectory string            `opt:"working_directory" doc:"Directory in the machine to run in; the staging directory when not given."`
	CleanStaging     bool              `opt:"clean_staging_directory" default:"false" doc:"Remove the staging directory at the end."`
}

// check takes the names of the placeholders that one of the kinds has for itself.
func (c *puppetConfig) check(own ...string) error {
	known := append([]string{"WorkingDir", "FacterVars", "Sudo", "PuppetBinDir", "Debug", "ExtraArguments"}, own...)
	errs := []error{c.guestConfig.check(), checkFields("execute_command", c.ExecuteCommand, known...)}
	for _, arg := range c.ExtraArguments {
		errs = append(errs, checkFields("extra_arguments", arg, known...))
	}
	return errors.Join(errs...)
}
