package install

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Placeholders of boot commands, of which every builder knows its own ones.
const (
	HTTPIP       = "HTTPIP"
	HTTPPort     = "HTTPPort"
	Name         = "Name"
	SSHPublicKey = "SSHPublicKey"
)

// Boot is what is typed to start the installation.
type Boot struct {
	GroupInterval time.Duration   `opt:"boot_keygroup_interval" doc:"Pause after each group of keys."`
	Wait          time.Duration   `opt:"boot_wait" default:"10s" doc:"Pause before the first key; none when it is not positive."`
	Command       []template.Late `opt:"boot_command" doc:"Keys to type, one text after the other: characters, names such as <enter>, <f10>, <leftCtrlOn> and <leftCtrlOff>, and pauses such as <wait> and <wait1m30s>."`
}

// Check parses the command. fields are the placeholders that it may hold.
func (c Boot) Check(fields ...string) error {
	return CheckBootCommand("boot_command", c.Command, fields...)
}

// CheckBootCommand parses a command that stands at the given option.
func CheckBootCommand(option string, command []template.Late, fields ...string) error {
	if err := CheckFields(option, command, fields...); err != nil {
		return err
	}
	var text strings.Builder
	for _, c := range command {
		s, err := c.Render(sample(fields))
		if err != nil {
			return nil // not known before the build
		}
		text.WriteString(s)
	}
	_, doubtful, err := ParseBootCommand(text.String())
	errs := []error{template.At(option, err)}
	for _, d := range doubtful {
		errs = append(errs, template.Warning(template.At(option, fmt.Errorf("%s names no key: it is typed as it stands", d))))
	}
	return errors.Join(errs...)
}

// VNC is Boot for builders that type over VNC.
type VNC struct {
	Boot
	Disable     bool          `opt:"disable_vnc" default:"false" doc:"Do without VNC; nothing can be typed then."`
	KeyInterval time.Duration `opt:"boot_key_interval" doc:"Pause between two keys; 100ms by default, or what PACKER_KEY_INTERVAL says."`
}

// Check validates what tags cannot say.
func (c VNC) Check(fields ...string) error {
	err := c.Boot.Check(fields...)
	if c.Disable && len(c.Command) > 0 {
		err = errors.Join(err, template.At("boot_command", errors.New("it cannot be typed when VNC is disabled: take disable_vnc away")))
	}
	return err
}

// sample is a value for each field.
func sample(fields []string) map[string]string {
	m := map[string]string{}
	for _, f := range fields {
		m[f] = "0"
	}
	return m
}
