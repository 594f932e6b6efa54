package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Motd sets the message that users see when they log in.
func Motd() template.Kind[Provisioner] {
	return template.Define("motd", "set the message of the day", openMotd)
}

type motdConfig struct {
	Text string `opt:"text" doc:"The message."`
	File string `opt:"file" doc:"A file on this host that holds the message."`
	Path string `opt:"path" default:"/etc/motd" doc:"Where the machine keeps it."`
}

type motd struct{ motdConfig }

// openMotd finds what is wrong with the template before anything is started.
func openMotd(c motdConfig) (Provisioner, error) {
	if (c.Text == "") == (c.File == "") {
		return nil, errors.New("give one of text and file")
	}
	if c.File != "" {
		if _, err := os.Stat(c.File); err != nil {
			return nil, template.At("file", err)
		}
	}
	return &motd{c}, nil
}

// Fingerprint adds what the options alone do not say: the file's content.
func (m *motd) Fingerprint(_ context.Context, h *cache.Hash) error {
	if m.File == "" {
		return nil
	}
	return h.AddFile("file", m.File)
}

// Provision acts, and tells what it does through run.Out.
func (m *motd) Provision(ctx context.Context, run Run, c machine.Communicator) error {
	text := m.Text
	if m.File != "" {
		b, err := os.ReadFile(m.File)
		if err != nil {
			return err
		}
		text = string(b)
	}
	run.Out.Say("Setting the message of the day")
	if err := c.Put(ctx, m.Path, 0o644, strings.NewReader(text)); err != nil {
		return fmt.Errorf("set the message of the day: %w", err)
	}
	return nil
}
