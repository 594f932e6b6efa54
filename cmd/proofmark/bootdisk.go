package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/qemu"
)

// disk boots the disk of an image in QEMU.
func (f *bootFlags) disk(ctx context.Context, s screen, h home, kit build.Kit, v catalog.Version) (exit int, err error) {
	o, err := f.boot(v)
	if err != nil {
		return 0, err
	}
	name := fmt.Sprintf("%s:%d", v.Name, v.Version)
	var m *qemu.Booted
	start := func(ctx context.Context, env machine.Env) (machine.Machine, error) {
		if m, err = o.Booted(ctx, qemuDeps(h, nil), env); err != nil {
			return nil, err // not a nil pointer in an interface
		}
		return m, nil
	}
	log := notedLog{quietLog{name, s.warn}, s.note}
	err = kit.Throwaway(ctx, build.Throwaway{Kind: qemu.KindName, Name: v.Name}, log, start, func(ctx context.Context, _ machine.Machine, env machine.Env) (err error) {
		where := fmt.Sprintf("%s, %s", name, map[string]string{"bios": "BIOS", "uefi": "UEFI"}[m.Firmware()])
		if f.ssh || f.command != "" {
			exit, err = f.bySSH(ctx, s, m, where)
		} else {
			err = atConsole(ctx, s, m, where)
		}
		if err == nil && f.save != "" {
			if err = m.Save(ctx, env, f.save); err == nil {
				s.note("The disk as the machine left it is in " + f.save + ".")
			}
		}
		return err
	})
	return exit, err
}

// atConsole is a person at the serial console, or a program in his place.
func atConsole(ctx context.Context, s screen, m *qemu.Booted, name string) error {
	console, err := m.Console(ctx)
	if err != nil {
		return err
	}
	left, err := sitAtConsole(ctx, s, name, console)
	if err == nil && !left {
		s.note("The machine is off.")
	}
	return err
}

// bySSH waits until the machine is up, and runs the command or a shell in it.
func (f *bootFlags) bySSH(ctx context.Context, s screen, m *qemu.Booted, name string) (exit int, err error) {
	c, err := m.Connect(ctx)
	if err != nil {
		return 0, withConsole(err)
	}
	exit, err = f.inside(ctx, c, name)
	if f.command == "" && errors.Is(err, machine.ErrDisconnected) && m.Off(ctx) {
		s.note("The machine is off.")
		return 0, nil
	}
	return exit, err
}

// shownLines is how much of a console tells why a machine did not come up.
const shownLines = 15

// withConsole adds to the error of a machine that did not come up what it said last, which
// holds nothing that moves cursors.
func withConsole(err error) error {
	var failed *machine.BootError
	if !errors.As(err, &failed) {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(failed.Evidence.Console)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return fmt.Errorf("%w\nits console is empty", err)
	}
	return fmt.Errorf("%w\nits console ends with:\n%s", err, strings.Join(lines[max(0, len(lines)-shownLines):], "\n"))
}

// notedLog is the log of a machine that somebody waits for: what it does next is told.
type notedLog struct {
	quietLog
	note func(text string)
}

func (l notedLog) Say(format string, a ...any) { l.note(fmt.Sprintf(format, a...)) }
