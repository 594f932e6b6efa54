// Package connect holds the options by which a source says how its machine is reached:
// those of every communicator, and the choice among them.
package connect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/ssh"
	"github.com/proofmark-build/proofmark/internal/machine/winrm"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Names that Config embeds the communicators' options by.
type (
	SSH   = ssh.Config
	WinRM = winrm.Config
)

// Config is the communicator options of a source. Builders embed it.
type Config struct {
	Communicator          string        `opt:"communicator" doc:"How the machine is reached: ssh, winrm or none."`
	PauseBeforeConnecting time.Duration `opt:"pause_before_connecting" doc:"How long to wait after the first connection before connecting again for good."`
	SSH
	WinRM
}

// The communicators.
const (
	UseSSH   = "ssh"
	UseWinRM = "winrm"
	UseNone  = "none"
)

// Rules say what a builder makes of the options. The zero value is that of most.
type Rules struct {
	Default string   // communicator when the template names none; "": ssh
	Also    []string // communicators of the builder's own
	User    string   // the user when the template names none; "": it must
}

// Choice is the communicator that counts.
func (c Config) Choice(r Rules) string {
	switch {
	case c.Communicator != "":
		return c.Communicator
	case r.Default != "":
		return r.Default
	}
	return UseSSH
}

// Check reports all that is wrong with the options of the communicator that counts,
// each by template.At. Options of others are not looked at. It reads key files.
func (c Config) Check(r Rules) error {
	var err error
	switch choice := c.Choice(r); choice {
	case UseSSH:
		if err = c.SSH.Check(); c.SSH.Username == "" && r.User == "" {
			err = errors.Join(err, template.Missing("ssh_username"))
		}
	case UseWinRM:
		if err = c.WinRM.Check(); c.WinRM.Username == "" && r.User == "" {
			err = errors.Join(err, template.Missing("winrm_username"))
		}
	case UseNone:
	default:
		if !slices.Contains(r.Also, choice) {
			known := append([]string{UseSSH, UseWinRM, UseNone}, r.Also...)
			return template.At("communicator", fmt.Errorf("%q is not known: use one of %s", choice, strings.Join(known, ", ")))
		}
	}
	return template.IfKnown(err, "communicator")
}
