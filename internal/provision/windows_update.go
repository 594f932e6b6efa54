package provision

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// WindowsUpdate installs updates of Windows.
func WindowsUpdate() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("windows-update", "install updates of Windows, restarting as often as they need", func(windowsUpdateConfig) error { return nil })
}

type windowsUpdateConfig struct {
	SearchCriteria   string        `opt:"search_criteria"  doc:"Which updates to look for, in the words of Windows Update."`
	Filters          []string      `opt:"filters" doc:"Which of them to install: include: or exclude: and a PowerShell expression about $_, the first that holds decides."`
	UpdateLimit      int           `opt:"update_limit" default:"1000" doc:"How many updates to install at a time."`
	UpdateMaxRetries int           `opt:"update_max_retries" default:"5" doc:"How often to try again when installing fails."`
	RestartTimeout   time.Duration `opt:"restart_timeout" default:"4h" doc:"How long to wait for the machine after a restart."`
	Username         string        `opt:"username" default:"SYSTEM" doc:"Windows user who installs the updates."`
	Password         string        `opt:"password" doc:"Password of that user."`
}
