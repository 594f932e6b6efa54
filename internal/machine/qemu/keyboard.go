package qemu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/machine/install/rfb"
	"github.com/proofmark-build/proofmark/internal/template"
)

// keystrokes is one part of what is typed.
type keystrokes struct {
	option  string
	command []template.Late
	comment string
}

// bootCommand is what the template has typed.
func (c Config) bootCommand() (all []keystrokes) {
	if len(c.VNC.Boot.Command) > 0 {
		return []keystrokes{{"boot_command", c.VNC.Boot.Command, ""}}
	}
	for _, step := range c.BootSteps {
		if len(step) == 0 {
			continue
		}
		k := keystrokes{"boot_steps", step[:1], ""}
		if len(step) > 1 {
			k.comment = step[1].Text()
		}
		all = append(all, k)
	}
	return all
}

// typeBootCommand types what the template says over VNC. Without anything to type
// nothing is waited for.
func (m *vm) typeBootCommand(ctx context.Context) error {
	c := m.b.c
	all := c.bootCommand()
	if len(all) == 0 || c.VNC.Disable {
		return nil
	}
	if c.VNC.Wait > 0 {
		m.out.Say("Waiting %s for the machine to boot", c.VNC.Wait)
		select {
		case <-time.After(c.VNC.Wait):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	addr, err := m.screen(ctx)
	if err == nil && addr == "" {
		err = errors.New("QEMU has no VNC: qemuargs takes it away")
	}
	if err != nil {
		return fmt.Errorf("type the boot command: %w", err)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("type the boot command: %w", err)
	}
	password := ""
	if c.UsePassword {
		password = m.password()
	}
	client, err := rfb.Connect(ctx, conn, password)
	if err != nil {
		return fmt.Errorf("type the boot command: %w", err)
	}
	defer client.Close()
	interval := c.VNC.Interval(m.b.deps.Getenv, rfb.KeyInterval)
	var typed []string
	for _, k := range all {
		text, strokes, err := install.RenderBootCommand(k.option, k.command, m.values())
		if err != nil {
			return err
		}
		what := "the boot command"
		if k.comment != "" {
			what = k.comment
		}
		m.out.Say("Typing %s (about %s)", what, max(rfb.Duration(strokes, interval).Round(time.Second), time.Second))
		typed = append(typed, text)
		m.text = strings.Join(typed, "")
		if err := rfb.Type(ctx, client, strokes, interval); err != nil {
			return fmt.Errorf("type the boot command: %w", err)
		}
	}
	return nil
}
