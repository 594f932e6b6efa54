package main

import (
	"context"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/machine/ssh"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// sshTarget is a machine that ssh reaches. Its name says where it is, without the files
// that open it.
func sshTarget(name string) (target, error) {
	t, err := ssh.ParseTarget(name)
	if err != nil {
		return target{}, fmt.Errorf("-target: %w", err)
	}
	return target{name: ssh.Target{Host: t.Host, Port: t.Port, User: t.User}.String(), ask: askSSH(t)}, nil
}

// askSSH asks a machine over SSH.
func askSSH(t ssh.Target) func(context.Context, targetNeeds, []verify.Spec, *string) ([]verify.Result, error) {
	return func(ctx context.Context, n targetNeeds, specs []verify.Spec, called *string) ([]verify.Result, error) {
		o, err := t.Options(ssh.UserFiles(os.Getenv))
		if err != nil {
			return nil, err
		}
		ctx, ready := n.startLimit(ctx)
		defer ready()
		c, err := ssh.Dial(ctx, o)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		ready()
		return verify.NewSession(c, n.options(*called, verify.Options{Probe: openProbe})).Run(ctx, specs)
	}
}
