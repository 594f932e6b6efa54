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

// Kind is a builder that runs steps and makes no image: on this host alone when its
// communicator is none. This version cannot run it with another.
func Kind() template.Kind[machine.Builder] {
	return template.Define(KindName, "run steps without making a machine or an image", func(c Config) (machine.Builder, error) {
		return &builder{c}, check(c) // both: some mistakes are none while options are not known yet
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

type builder struct{ c Config }

// Runs: with a communicator other than none there is a machine that is not ours,
// and this version cannot reach it.
func (b *builder) Runs() bool { return b.Machineless() }

func (b *builder) Machineless() bool { return b.c.Choice(connect.Rules{}) == connect.UseNone }

func (b *builder) Fingerprint(context.Context, *cache.Hash) error { return nil }

func (b *builder) Start(context.Context, machine.Env) (machine.Machine, error) { return nothing{}, nil }

func (b *builder) Resources(ledger.Where) []ledger.Class { return []ledger.Class{} }

// nothingID names the machine, and what is made of it.
const nothingID = "Null"

// nothing is the machine that there is not.
type nothing struct{}

// Vars has the name that scripts know from Packer.
func (nothing) Vars() map[string]string { return map[string]string{"ID": nothingID} }

func (nothing) Connect(context.Context) (machine.Communicator, error) { return machine.None{}, nil }

func (nothing) Capture(context.Context, machine.Env) (image.Image, error) {
	return image.Image{Builder: KindName, ID: nothingID, MadeBy: "fnoeding.null", About: "Did not export anything. This is the null builder"}, nil
}

func (nothing) Close(context.Context) error { return nil }
