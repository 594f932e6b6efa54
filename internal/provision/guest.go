package provision

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// guestConfig says which family of operating systems the machine runs.
type guestConfig struct {
	GuestOSType string `opt:"guest_os_type" default:"unix" doc:"What the machine runs: unix or windows. It decides the defaults of commands and directories."`
}

func (g *guestConfig) check() error {
	switch strings.ToLower(g.GuestOSType) {
	case "", "unix", "windows":
		return nil
	}
	return template.At("guest_os_type", fmt.Errorf("%q is neither unix nor windows", g.GuestOSType))
}

// elevatedConfig is the Windows user as whom a step runs, by way of a scheduled task.
type elevatedConfig struct {
	ElevatedUser     string `opt:"elevated_user" doc:"Run as this Windows user, with full rights, by way of a scheduled task."`
	ElevatedPassword string `opt:"elevated_password" doc:"Password of elevated_user."`
}

func (e *elevatedConfig) check() error {
	if e.ElevatedUser == "" && e.ElevatedPassword != "" {
		return template.IfKnown(template.At("elevated_password",
			errors.New("a password needs its user: give elevated_user too")), "elevated_user")
	}
	return nil
}
