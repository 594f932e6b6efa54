package serverspec

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

type config struct {
	Paths         []string          `opt:"paths,required" doc:"spec files, directories of them, and patterns, relative to the current directory: \"spec/*_spec.rb\""`
	RunsOn        string            `opt:"specs_run_on" doc:"\"target\" or \"controller\": where File, Dir and backticks of the specs look; otherwise known from the backend that they set: exec is the target"`
	AllowCommands bool              `opt:"allow_commands" doc:"let specs that run on the controller run commands there, and read files outside of their project"`
	Strict        bool              `opt:"strict" doc:"correct the quirks of ServerSpec that let wrong things pass"`
	Tags          []string          `opt:"tags" doc:"examples to run, as rspec's --tag: \"web\", \"~slow\", \"type:web\""`
	Env           map[string]string `opt:"env" doc:"environment of the specs, over that of this process"`
	Retry         time.Duration     `opt:"retry_timeout" default:"10s" doc:"how long examples that fail in a machine that has just booted are asked again until they hold; 0s: not at all"`
	Timeout       time.Duration     `opt:"command_timeout" default:"1m" doc:"how long one command may take"`
}

// Kind is the verifier "serverspec": ServerSpec files.
func Kind() template.Kind[verify.Spec] {
	return template.Define("serverspec", "ServerSpec files, without Ruby", open)
}

func open(c config) (verify.Spec, error) {
	switch {
	case c.Retry < 0:
		return nil, template.At("retry_timeout", fmt.Errorf("%s: a time cannot be negative", c.Retry))
	case c.Timeout < 0:
		return nil, template.At("command_timeout", fmt.Errorf("%s: a time cannot be negative", c.Timeout))
	}
	o := Options{
		RunsOn: c.RunsOn, AllowCommands: c.AllowCommands, Strict: c.Strict, Tags: c.Tags, Wait: c.Retry, Timeout: c.Timeout,
		Environ: os.Environ(),
	}
	for _, k := range slices.Sorted(maps.Keys(c.Env)) {
		o.Environ = append(o.Environ, k+"="+c.Env[k])
	}
	s, err := Open(c.Paths, o)
	if err != nil {
		return nil, template.At("paths", err)
	}
	return s, nil
}
