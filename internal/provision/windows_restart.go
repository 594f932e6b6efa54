package provision

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// WindowsRestart restarts a machine with Windows.
func WindowsRestart() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("windows-restart", "restart a machine with Windows, and wait for it", func(windowsRestartConfig) error { return nil })
}

type windowsRestartConfig struct {
	RestartCommand      string        `opt:"restart_command" default:"shutdown /r /f /t 0 /c \"packer restart\"" doc:"Command that restarts the machine."`
	RestartCheckCommand string        `opt:"restart_check_command" doc:"Command that succeeds once the machine is up again; one that prints the machine's name when not given."`
	RestartTimeout      time.Duration `opt:"restart_timeout" default:"5m" doc:"How long to wait for the machine."`
	CheckRegistry       bool          `opt:"check_registry" default:"false" doc:"Wait until the registry says that no restart is pending."`
	RegistryKeys        []string      `opt:"registry_keys" doc:"Registry keys that tell of a pending restart; the usual ones of Windows when not given."`
}
