package provision

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// PowerShell runs PowerShell scripts in the machine.
func PowerShell() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("powershell", "run PowerShell scripts in the machine", powerShellConfig.check)
}

type powerShellConfig struct {
	windowsScriptConfig
	elevatedConfig
	ExecuteCommand         template.Late `opt:"execute_command" doc:"The command line that runs an uploaded script. {{.Path}} is the script, {{.Vars}} the file with the environment. When not given, powershell with the execution policy, or pwsh with use_pwsh."`
	ElevatedExecuteCommand template.Late `opt:"elevated_execute_command" doc:"The same for a script that runs as elevated_user."`
	EnvVarFormat           string        `opt:"env_var_format" default:"$env:%s=\"%s\"; " doc:"How one variable is written in {{.Vars}}: the first %s is its name, the second its value."`
	ElevatedEnvVarFormat   string        `opt:"elevated_env_var_format" default:"$env:%s=\"%s\"; " doc:"The same for a script that runs as elevated_user."`
	ExecutionPolicy        string        `opt:"execution_policy" default:"bypass" doc:"Execution policy of PowerShell: bypass, allsigned, default, remotesigned, restricted, undefined, unrestricted; none sets none."`
	UsePwsh                bool          `opt:"use_pwsh" default:"false" doc:"Run pwsh, PowerShell 6 and later, instead of powershell."`
	DebugMode              int           `opt:"debug_mode" default:"0" doc:"What Set-PSDebug traces: 0 nothing, 1 lines, 2 variables and calls as well."`
	RemotePath             string        `opt:"remote_path" doc:"Path of the uploaded script in the machine; C:/Windows/Temp/script-UUID.ps1 when not given."`
	RemoteEnvVarPath       string        `opt:"remote_env_var_path" doc:"Path of the file with the environment in the machine; C:/Windows/Temp/packer-ps-env-vars-UUID.ps1 when not given."`
	SkipClean              bool          `opt:"skip_clean" default:"false" doc:"Leave the uploaded files in the machine."`
	PauseAfter             time.Duration `opt:"pause_after" doc:"How long to wait after the last script has succeeded."`
}

// The order counts: a policy may be given by its number.
var executionPolicies = []string{"bypass", "allsigned", "default", "remotesigned", "restricted", "undefined", "unrestricted", "none"}

func (c powerShellConfig) check() error {
	errs := []error{
		c.windowsScriptConfig.check(c.EnvVarFormat),
		c.elevatedConfig.check(),
		checkFields("execute_command", c.ExecuteCommand, "Vars", "Path"),
		checkFields("elevated_execute_command", c.ElevatedExecuteCommand, "Vars", "Path"),
	}
	if c.ElevatedEnvVarFormat != "" {
		errs = append(errs, checkEnvFormat("elevated_env_var_format", c.ElevatedEnvVarFormat))
	}
	number, err := strconv.Atoi(c.ExecutionPolicy)
	isNumber := err == nil && number >= 0 && number < len(executionPolicies)
	if c.ExecutionPolicy != "" && !isNumber && !slices.Contains(executionPolicies, strings.ToLower(c.ExecutionPolicy)) {
		errs = append(errs, template.At("execution_policy", fmt.Errorf("%q is not known: use one of %s", c.ExecutionPolicy, strings.Join(executionPolicies, ", "))))
	}
	if c.DebugMode < 0 || c.DebugMode > 2 {
		errs = append(errs, template.At("debug_mode", fmt.Errorf("%d is not known: use 0, 1 or 2", c.DebugMode)))
	}
	return errors.Join(errs...)
}
