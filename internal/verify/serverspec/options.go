package serverspec

import (
	"io"
	"time"
)

// Where specs run: where their File, ENV, Dir and backticks look.
const (
	OnTarget     = "target"
	OnController = "controller"
)

// Options of Open. The zero value is that of rspec without arguments.
type Options struct {
	// RunsOn is OnTarget or OnController; "" takes it from the backend that the specs set.
	RunsOn string
	// Unnamed says that nobody named the target: specs that set how to reach another machine
	// than this host are then not asked.
	Unnamed bool
	// Local says that the target is this host, so that controller and target are the same.
	Local bool
	// AllowCommands lets specs that run on the controller run commands there, and read what
	// commands could show them: what is in files outside of their project.
	AllowCommands bool
	// Strict corrects the harmful quirks of ServerSpec: docs/serverspec.md lists them.
	Strict bool
	// Environ is the environment that specs see on the controller, as NAME=value.
	Environ []string
	// Tags select examples, as --tag does: "slow", "~slow", "type:web".
	Tags []string
	// Wait is how long examples about what runs, in a machine that has just booted, are
	// asked again until they hold.
	Wait time.Duration
	// Limit is the time that one evaluation of all files may take; 0: one minute.
	Limit time.Duration
	// Timeout of one command on the target; 0: one minute.
	Timeout time.Duration
	// Output gets what specs print; nil: nobody.
	Output io.Writer
}
