package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Converge applies modules of Converge.
func Converge() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("converge", "apply a Converge module in the machine", convergeConfig.check)
}

type convergeConfig struct {
	Module               string              `opt:"module,required" doc:"Path in the machine, or URL, of the module to apply."`
	Bootstrap            bool                `opt:"bootstrap" default:"false" doc:"Install Converge first."`
	Version              string              `opt:"version" doc:"Version of Converge to install; the newest when not given."`
	ModuleDirs           []convergeModuleDir `opt:"module_dirs" doc:"Directories of this host to upload."`
	WorkingDirectory     string              `opt:"working_directory" default:"/tmp" doc:"Directory in the machine to run in."`
	Params               map[string]string   `opt:"params" doc:"Parameters of the module."`
	ExecuteCommand       template.Late       `opt:"execute_command" doc:"Command that runs Converge, with {{.WorkingDirectory}}, {{.Sudo}}, {{.ParamsJSON}} and {{.Module}}."`
	PreventSudo          bool                `opt:"prevent_sudo" default:"false" doc:"Do not run Converge with sudo."`
	BootstrapCommand     template.Late       `opt:"bootstrap_command" doc:"Command that installs Converge, with {{.Sudo}} and {{.Version}}."`
	PreventBootstrapSudo bool                `opt:"prevent_bootstrap_sudo" default:"false" doc:"Do not install Converge with sudo."`
}

type convergeModuleDir struct {
	Source      string   `opt:"source,required" doc:"Directory on this host. If it ends with / its content is uploaded, else itself."`
	Destination string   `opt:"destination,required" doc:"Directory in the machine."`
	Exclude     []string `opt:"exclude" doc:"Files to leave out."`
}

func (c convergeConfig) check() error {
	return errors.Join(
		checkFields("execute_command", c.ExecuteCommand, "WorkingDirectory", "Sudo", "ParamsJSON", "Module"),
		checkFields("bootstrap_command", c.BootstrapCommand, "Sudo", "Version"),
	)
}
