package main

import (
	"context"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/machine"
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
	return target{name: ssh.Target{Host: t.Host, Port: t.Port, User: t.User, NoSudo: t.NoSudo}.String(), ask: askSSH(t)}, nil
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
		sudo := &sudoPassword{user: o.User, host: t.Host, given: n.sudo, turn: n.terminal}
		o.AskSudo = sudo.get
		session := verify.Options{Probe: openProbe, Asking: sudo.asking.Load}
		if o.User != "root" && !t.NoSudo {
			session.User, session.UserHelp = "root", "or ask only what "+o.User+" may, by ?sudo=false in the target"
		}
		dialed := dial(ctx, o, ready)
		defer dialed.close()
		// Its own error says more than the session's, and counts when nothing was asked too.
		s := verify.NewSessionOver(dialed.reach, n.options(*called, session))
		sudo.offered = s.OfferedPassword
		results, err := s.Run(ctx, specs)
		if _, refused := dialed.reach(ctx); refused != nil {
			return nil, refused
		}
		return results, err
	}
}

// dialing is a connection that is being made.
type dialing struct {
	done chan struct{}
	c    *ssh.Communicator // after done
	err  error             // after done
}

// dial begins to connect, and calls ready when that has succeeded.
func dial(ctx context.Context, o ssh.Options, ready func()) *dialing {
	d := &dialing{done: make(chan struct{})}
	go func() {
		defer close(d.done)
		if d.c, d.err = ssh.Dial(ctx, o); d.err == nil {
			ready()
		}
	}()
	return d
}

func (d *dialing) reach(context.Context) (machine.Communicator, error) {
	<-d.done // it ends with the ctx of dial
	return d.c, d.err
}

func (d *dialing) close() {
	<-d.done
	if d.c != nil {
		d.c.Close()
	}
}
