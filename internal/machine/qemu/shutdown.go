package qemu

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// buttonLimit is how long a machine may take to heed its power button. Many have nobody
// who does.
const buttonLimit = time.Minute

// powerOff shuts the machine down: by the template's command, or else its power button.
// A machine without communicator is awaited, since it does so itself.
func (m *vm) powerOff(ctx context.Context) error {
	if m.process == nil || !m.process.running() {
		return nil
	}
	c := m.b.c.Shutdown
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("it is not off after %s (shutdown_timeout)", c.Timeout))
	defer cancel()
	var err error
	switch {
	case m.b.Machineless():
		m.out.Say("Waiting for the machine to power off by itself")
		err = m.process.wait(ctx)
	case c.Command != "":
		err = m.byCommand(ctx, c.Command)
	default:
		return m.byButton(ctx)
	}
	if err != nil {
		return fmt.Errorf("shut the machine down: %w\nits console (%s) ends with:\n%s", err, m.console, m.tail())
	}
	return nil
}

// byCommand runs the shutdown command, of whose end nothing may be heard.
func (m *vm) byCommand(ctx context.Context, line string) error {
	if m.conn == nil {
		return errors.New("nobody is connected to run shutdown_command")
	}
	m.out.Say("Shutting the machine down")
	out := m.out.Output()
	exit, err := m.conn.Run(ctx, machine.Command{Line: line, Stdout: out, Stderr: out})
	_ = out.Close()
	if err != nil && !errors.Is(err, machine.ErrDisconnected) && !errors.Is(err, machine.ErrUnreachable) && m.process.running() {
		return err
	}
	if err := m.process.wait(ctx); err != nil {
		if exit != 0 {
			err = fmt.Errorf("%w; shutdown_command ended with exit status %d", err, exit)
		}
		return err
	}
	return nil
}

// byButton presses the power button, and cuts the power when nobody heeds it.
func (m *vm) byButton(ctx context.Context) error {
	m.out.Say("Pressing the power button of the machine: there is no shutdown_command")
	heeded, err := m.pressButton(ctx)
	if err == nil && !heeded {
		m.out.Warn("the machine does not heed its power button: cutting its power; give it a shutdown_command")
	}
	return err
}

// pressButton presses the power button, and tells whether the machine is off soon after.
func (m *vm) pressButton(ctx context.Context) (heeded bool, err error) {
	limited, cancel := context.WithTimeout(ctx, buttonLimit)
	defer cancel()
	if m.conn != nil { // the power may be cut
		_, _ = m.conn.Run(limited, machine.Command{Line: "sync", Passive: true})
	}
	err = m.process.monitor.do(limited, "system_powerdown", nil, nil)
	if err == nil {
		err = m.process.wait(limited)
	}
	if err == nil || !m.process.running() {
		return true, nil
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return false, cause
	}
	return false, nil
}
