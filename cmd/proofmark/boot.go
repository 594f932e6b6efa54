package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/qemu"
	"github.com/proofmark-build/proofmark/internal/verify"
)

func newBoot() *cobra.Command {
	var f bootFlags
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "boot [flags] IMAGE [-- COMMAND...]", Short: "Boot an image of the catalog in a throw-away machine, to look into it",
		Long: `Boot an image of the catalog in a throw-away machine, to look into it. What is changed
in the machine is gone afterwards, unless --save says otherwise.

An image with a disk boots in QEMU from its own boot loader. Without further words its
serial console is on this terminal, from the first message of the boot loader on; Ctrl-]
ends it, and so does the machine by powering off. Where standard input is no terminal, what
comes there is typed. With --ssh the machine is awaited until it is up, and root gets a
shell in it: by a serial port that its firmware tells systemd of, without a server or a
network, or as --user with --key where the image knows none of that. Other images boot as
containers, and root gets a shell.

With COMMAND it is run in the machine once that is up, and its exit status is that of this
program. One word is a line for the machine's shell; several are a program and its
arguments. What is said about the machine goes to standard error.

Images that checks refused boot all the same, with a warning.`,
		Args: func(cmd *cobra.Command, args []string) error {
			n := cmd.ArgsLenAtDash()
			if n < 0 {
				n = len(args)
			} else if n == len(args) {
				return fmt.Errorf("say which command to run after --: %s", cmd.UseLine())
			}
			return takes(1, 1, "which image")(cmd, args[:n])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.command = oneLine(args[1:])
			if err := f.check(); err != nil {
				return err
			}
			return f.run(cmd, args[0])
		},
	}
	f.register(cmd)
	return cmd
}

// oneLine makes a line for a shell of the words of a command line.
func oneLine(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = machine.Quote(w)
	}
	return strings.Join(quoted, " ")
}

func (f *bootFlags) run(cmd *cobra.Command, name string) error {
	defer outliveReader()()
	ctx, s := cmd.Context(), screenOf(cmd)
	inContainer := func(ctx context.Context, _ home, kit build.Kit) (bool, error) {
		v, err := kit.Catalog.Get(ctx, name)
		if errors.Is(err, catalog.ErrNotFound) {
			return false, nil // which is told later
		}
		return err == nil && !qemu.HasDisk(v.Image) && makesMachines(v.Image.Builder), err
	}
	if err := enterFor(ctx, inContainer); err != nil {
		return err
	}
	h, err := openHome()
	if err != nil {
		return err
	}
	kit, closeKit, err := h.openKit(settings{writes: true})
	if err != nil {
		return err
	}
	defer closeKit()
	v, err := kit.Catalog.Get(ctx, name)
	if err != nil {
		return err
	}
	if err := kit.Replaced(ctx, v); err != nil {
		return err
	}
	removeLeft(ctx, s, kit, h)
	if v.Status != catalog.Proven && v.Status != catalog.Unproven {
		s.warn(fmt.Sprintf("%s:%d is %s: do not put it to use", v.Name, v.Version, v.Status))
	}
	var exit int
	if qemu.HasDisk(v.Image) {
		exit, err = f.disk(ctx, s, h, kit, v)
	} else {
		exit, err = f.container(ctx, s, h, kit, v, cmd)
	}
	if err == nil && exit != 0 {
		err = &saidError{&statusError{fmt.Errorf("the command ended with exit status %d", exit), exit}}
	}
	return err
}

// removeLeft removes what killed runs left behind, and says so.
func removeLeft(ctx context.Context, s screen, kit build.Kit, h home) {
	err := reap(ctx, kit, h, false, func(r ledger.Record, err error) {
		if err == nil {
			s.warn(fmt.Sprintf("removed what an earlier run left: %s %s", r.Class, called(r)))
		}
	})
	if err != nil {
		s.warn(fmt.Sprintf("cannot remove all that an earlier run left (see proofmark gc): %v", err))
	}
}

// container boots an image that is files alone.
func (f *bootFlags) container(ctx context.Context, s screen, h home, kit build.Kit, v catalog.Version, cmd *cobra.Command) (exit int, err error) {
	for _, option := range diskOptions() {
		if cmd.Flags().Changed(option) {
			return 0, fmt.Errorf("-%s: %s:%d has no disk that could boot in QEMU: it boots as a container", option, v.Name, v.Version)
		}
	}
	b, err := imageBooter(h, kit.Catalog, v.Image.Builder)
	if err != nil {
		return 0, err
	}
	name := fmt.Sprintf("%s:%d", v.Name, v.Version)
	err = kit.Boot(ctx, b, v.Image, quietLog{name, s.warn}, func(ctx context.Context, c machine.Communicator, _ verify.Options) (err error) {
		exit, err = f.inside(ctx, c, name)
		return err
	})
	return exit, err
}

// inside runs the command, or a shell, in a machine that is up.
func (f *bootFlags) inside(ctx context.Context, c machine.Communicator, name string) (exit int, err error) {
	if f.command == "" {
		return 0, interact(ctx, c, name)
	}
	return c.Run(ctx, machine.Command{Line: f.command, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
}
