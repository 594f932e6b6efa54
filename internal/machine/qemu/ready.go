package qemu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Proof is how a result is proven.
type Proof struct {
	ProveBoot *bool         `opt:"prove_boot" doc:"Prove the disk by booting it as two machines; true by default, where SSH leads into it."`
	Condition string        `opt:"boot_condition" doc:"Command that must succeed in a machine that boots for it to count as up, instead of the word of its init system; it is tried once a second."`
	Deadline  time.Duration `opt:"boot_deadline" doc:"How long such a machine may take until it is up; 5m by default, 15m where nothing accelerates QEMU."`
}

func (p Proof) check(c connect.Config) error {
	var errs []error
	if p.Deadline < 0 {
		errs = append(errs, template.At("boot_deadline", fmt.Errorf("%s is no time to wait", p.Deadline)))
	}
	if p.Condition != "" && c.Choice(connect.Rules{}) != connect.UseSSH {
		errs = append(errs, template.IfKnown(template.At("boot_condition",
			errors.New("nobody asks it: machines are booted only where SSH leads into them")), "communicator"))
	}
	return errors.Join(errs...)
}

const (
	// conditionPause is the time between two tries of a condition.
	conditionPause = time.Second
	// settleLimit is how long the init system may go on after the condition holds. Checks
	// tell of what it does then.
	settleLimit = 30 * time.Second
	// busyLimit is how long a machine may take to say what it still does.
	busyLimit = 20 * time.Second
)

// isUp prints what systemd says of itself once it has started everything, where that is what runs.
const isUp = "if [ -d /run/systemd/system ]; then systemctl is-system-running --wait; fi"

// started waits until the machine is up, by its condition or else by its init system's
// word. What has failed is for checks to tell.
func (t *trial) started(ctx context.Context) error {
	if t.vm.b.c.Condition != "" {
		if err := t.meets(ctx); err != nil {
			return err
		}
		limited, cancel := context.WithTimeout(ctx, settleLimit)
		defer cancel()
		_, err := t.vm.conn.Run(limited, machine.Command{Line: isUp, Passive: true})
		if ctx.Err() == nil && limited.Err() != nil {
			return nil
		}
		return err
	}
	var said machine.Tail
	_, err := t.vm.conn.Run(ctx, machine.Command{Line: isUp, Stdout: &said, Passive: true})
	if err == nil && said.String() == "maintenance" {
		err = errors.New("it is in emergency mode")
	}
	return err
}

// meets waits until the condition holds.
func (t *trial) meets(ctx context.Context) error {
	tick := time.NewTicker(conditionPause)
	defer tick.Stop()
	for {
		var said machine.Tail
		exit, err := t.vm.conn.Run(ctx, machine.Command{Line: t.vm.b.c.Condition, Stdout: &said, Stderr: &said, Passive: true})
		if err != nil || exit == 0 {
			return err
		}
		t.unmet = fmt.Sprintf("it ends with exit status %d", exit)
		if text := last(said.String(), maxSaid); text != "" {
			t.unmet += fmt.Sprintf(" and says %q", text)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// maxSaid is how much of what a command says is told.
const maxSaid = 500

// last is the end of a text, n bytes of it at most.
func last(text string, n int) string {
	text = strings.TrimSpace(text)
	return strings.ToValidUTF8(text[max(0, len(text)-n):], "")
}

// errLate is why a machine is given up that does nothing wrong.
var errLate = errors.New("it is not up in time")

// late says what a machine was waited for in vain.
func (t *trial) late(ctx context.Context) error {
	c := t.vm.b.c
	switch {
	case t.vm.conn == nil:
		return fmt.Errorf("it is not up within %s: %s", t.limit, t.vm.b.wayIn())
	case c.Condition != "" && t.unmet == "":
		return fmt.Errorf("boot_condition does not end within %s", t.limit)
	case c.Condition != "":
		return fmt.Errorf("boot_condition does not hold within %s: %s", t.limit, t.unmet)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), busyLimit)
	defer cancel()
	var jobs machine.Tail
	_, err := t.vm.conn.Run(ctx, machine.Command{Line: "systemctl list-jobs --plain --no-legend --no-pager", Stdout: &jobs, Passive: true})
	if text := last(jobs.String(), maxSaid); err == nil && text != "" {
		return fmt.Errorf("systemd has not started everything within %s; jobs left: %s", t.limit, strings.Join(strings.Fields(text), " "))
	}
	return fmt.Errorf("systemd has not started everything within %s", t.limit)
}
