// Package null holds the builder that makes no machine, and the data source that
// reads nothing.
package null

import (
	"context"
	"errors"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// KindName is the builder's and the data source's name.
const KindName = "null"

// Kind is a builder that runs steps and makes no image: in a machine that exists, or on
// this host alone when its communicator is none. This version cannot run it with
// winrm. getenv tells where the user's SSH agent is.
func Kind(getenv func(string) string) template.Kind[machine.Builder] {
	return template.Define(KindName, "run steps in a machine that exists, or without one, and make no image", func(c Config) (machine.Builder, error) {
		return &builder{c, getenv}, check(c) // both: some mistakes are none while options are not known yet
	})
}

// Config is the communicator's options.
type Config struct{ connect.Config }

func check(c Config) error {
	err := c.Check(connect.Rules{})
	switch c.Choice(connect.Rules{}) {
	case connect.UseSSH:
		if c.SSH.Host == "" {
			err = errors.Join(err, template.IfKnown(template.Missing("ssh_host"), "communicator"))
		}
		ways := 0
		for _, given := range []bool{c.SSH.AgentAuth, c.SSH.Password != "", c.SSH.PrivateKeyFile != ""} {
			if given {
				ways++
			}
		}
		const options = "ssh_password, ssh_private_key_file or ssh_agent_auth"
		switch ways {
		case 0:
			err = errors.Join(err, template.IfKnown(errors.New("give one of "+options),
				"communicator", "ssh_password", "ssh_private_key_file", "ssh_agent_auth"))
		case 1:
		default:
			err = errors.Join(err, template.IfKnown(errors.New("give only one of "+options), "communicator"))
		}
	case connect.UseWinRM:
		if c.WinRM.Host == "" {
			err = errors.Join(err, template.IfKnown(template.Missing("winrm_host"), "communicator"))
		}
		if c.WinRM.Password == "" {
			err = errors.Join(err, template.IfKnown(template.Missing("winrm_password"), "communicator"))
		}
	}
	return err
}

type builder struct {
	c      Config
	getenv func(string) string
}

var (
	_ machine.Machineless = (*builder)(nil)
	_ machine.Imageless   = (*builder)(nil)
)

// Runs: this version does not speak WinRM.
func (b *builder) Runs() bool { return b.c.Choice(connect.Rules{}) != connect.UseWinRM }

// Imageless: the machine is not ours to capture.
func (b *builder) Imageless() bool { return true }

func (b *builder) Machineless() bool { return b.c.Choice(connect.Rules{}) == connect.UseNone }

func (b *builder) Fingerprint(context.Context, *cache.Hash) error { return nil }

// Start connects to nothing yet.
func (b *builder) Start(_ context.Context, env machine.Env) (machine.Machine, error) {
	if b.Machineless() {
		return nothing{}, nil
	}
	return &existing{c: b.c, getenv: b.getenv, out: env.Out}, nil
}

func (b *builder) Resources(ledger.Where) []ledger.Class { return []ledger.Class{} }

// nothingID names the machine, and what is made of it.
const nothingID = "Null"

// artifact is what there is at the end.
func artifact() image.Image {
	return image.Image{Builder: KindName, ID: nothingID, MadeBy: "fnoeding.null", About: "Did not export anything. This is the null builder"}
}

// nothing is the machine that there is not.
type nothing struct{}

// Vars has the name that scripts know from Packer.
func (nothing) Vars() map[string]string { return map[string]string{"ID": nothingID} }

func (nothing) Connect(context.Context) (machine.Communicator, error) { return machine.None{}, nil }

func (nothing) Capture(context.Context, machine.Env) (image.Image, error) { return artifact(), nil }

func (nothing) Close(context.Context) error { return nil }
