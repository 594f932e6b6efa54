package install

import (
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Shutdown is how a machine is stopped when it is provisioned.
type Shutdown struct {
	Command string        `opt:"shutdown_command" doc:"Command that shuts the machine down; without one its power is cut."`
	Timeout time.Duration `opt:"shutdown_timeout" default:"5m" doc:"How long to wait for the machine to be off."`
}

// Check warns when the power is going to be cut.
func (c Shutdown) Check() error {
	if c.Command != "" {
		return nil
	}
	return template.Warning(template.IfKnown(errors.New("without shutdown_command the power of the machine is cut, and data may be lost"), "shutdown_command"))
}

// Output is where the results of a build go.
type Output struct {
	Directory string `opt:"output_directory" doc:"Directory of the result, output-NAME by default; it must not exist unless -force is given."`
}
