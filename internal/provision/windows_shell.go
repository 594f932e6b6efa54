package provision

import (
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// windowsScriptConfig is what the provisioners of scripts for Windows share.
type windowsScriptConfig struct {
	Inline            []string          `opt:"inline" doc:"Lines of a script, run as one script."`
	Script            string            `opt:"script" doc:"A script file on this host; a relative path counts from the current directory."`
	Scripts           []string          `opt:"scripts" doc:"Script files on this host, run one after the other until one fails."`
	ValidExitCodes    []int             `opt:"valid_exit_codes" doc:"Exit statuses that count as success; 0 alone when not given."`
	Env               map[string]string `opt:"env" doc:"Environment variables of the script. They win over environment_vars."`
	EnvironmentVars   []string          `opt:"environment_vars" doc:"Environment variables of the script, as a list of NAME=value."`
	Binary            bool              `opt:"binary" default:"false" doc:"Leave the script as it is. Otherwise Windows line ends become Unix ones."`
	StartRetryTimeout time.Duration     `opt:"start_retry_timeout" default:"5m" doc:"How long to go on trying while the machine cannot be reached, because it restarts."`
}

func (w *windowsScriptConfig) check(envVarFormat string) error {
	what := scriptConfig{Inline: w.Inline, Script: w.Script, Scripts: w.Scripts}
	env := envConfig{Env: w.Env, EnvironmentVars: w.EnvironmentVars, EnvVarFormat: envVarFormat}
	_, err := what.scripts()
	return errors.Join(err, env.check())
}

// WindowsShell runs batch scripts in a machine with Windows.
func WindowsShell() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("windows-shell", "run batch scripts in a machine with Windows", windowsShellConfig.check)
}

type windowsShellConfig struct {
	windowsScriptConfig
	ExecuteCommand template.Late `opt:"execute_command" default:"{{.Vars}}\"{{.Path}}\"" doc:"The command line that runs an uploaded script. {{.Path}} is the script, {{.Vars}} the environment."`
	EnvVarFormat   string        `opt:"env_var_format" default:"set \"%s=%s\" && " doc:"How one variable is written in {{.Vars}}: the first %s is its name, the second its value."`
	RemotePath     string        `opt:"remote_path" default:"c:/Windows/Temp/script.bat" doc:"Path of the uploaded script in the machine."`
}

func (c windowsShellConfig) check() error {
	return errors.Join(
		c.windowsScriptConfig.check(c.EnvVarFormat),
		checkFields("execute_command", c.ExecuteCommand, "Vars", "Path"),
	)
}
