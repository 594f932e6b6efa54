package qemu

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// fakeQEMU answers commands as QEMU does: answers is asked for what comes after each.
func fakeQEMU(t *testing.T, conn net.Conn, answers func(command, id string) string) {
	t.Helper()
	go func() {
		defer conn.Close()
		io.WriteString(conn, `{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}`+"\n")
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			var c struct {
				Execute string
				ID      json.Number
			}
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Errorf("%s: %v", lines.Text(), err)
				return
			}
			answer := fmt.Sprintf(`{"return": {}, "id": %s}`, c.ID)
			if c.Execute != "qmp_capabilities" {
				answer = answers(c.Execute, c.ID.String())
			}
			if answer == "end" {
				return
			}
			io.WriteString(conn, answer+"\n")
		}
	}()
}

// TestLastReply: a command that ends QEMU has been answered before.
func TestLastReply(t *testing.T) {
	t.Parallel()
	c, ended := make(chan reply, 1), make(chan struct{})
	m := &monitor{ended: ended}
	close(ended)
	for range 100 { // of two that are ready one is taken at random
		c <- reply{}
		if _, err := m.await(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.await(t.Context(), c); !errors.Is(err, errMonitorEnded) {
		t.Errorf("without a reply: %v", err)
	}
}

func TestMonitor(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	fakeQEMU(t, theirs, func(command, id string) string {
		switch command {
		case "query-vnc":
			return `{"event": "RESET", "data": {"guest": true}, "timestamp": {}}` + "\n" + `not JSON` + "\n" +
				`{"return": {}, "id": 99}` + "\n" + `{"return": {"enabled": true, "host": "127.0.0.1", "service": "5901"}, "id": ` + id + `}`
		case "bad":
			return `{"error": {"class": "CommandNotFound", "desc": "The command bad has not been found"}, "id": ` + id + `}`
		case "silent":
			return ""
		}
		return "end"
	})
	var events []string
	m, err := openMonitor(t.Context(), ours, func(name string, data json.RawMessage) { events = append(events, name+string(data)) })
	if err != nil {
		t.Fatal(err)
	}
	var vnc struct{ Service string }
	if err := m.do(t.Context(), "query-vnc", nil, &vnc); err != nil || vnc.Service != "5901" {
		t.Errorf("%+v, %v", vnc, err)
	}
	if len(events) != 1 || events[0] != `RESET{"guest": true}` {
		t.Errorf("events %q", events)
	}
	if err := m.do(t.Context(), "bad", nil, nil); err == nil || !strings.Contains(err.Error(), "tell QEMU bad: The command bad has not been found") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errOff)
	if err := m.do(ctx, "silent", nil, nil); !errors.Is(err, errOff) {
		t.Error(err)
	}
	if err := m.do(t.Context(), "quit", nil, nil); !errors.Is(err, errMonitorEnded) {
		t.Error(err)
	}
	<-m.ended
	if err := m.do(t.Context(), "query-vnc", nil, nil); err == nil {
		t.Error("answered after the end")
	}
}

func TestMonitorThatSaysNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(net.Conn){
		"silent": func(net.Conn) {},
		"ends":   func(c net.Conn) { c.Close() },
		"no QMP": func(c net.Conn) { io.WriteString(c, "hello\n{}\n"); c.Close() },
	} {
		ours, theirs := net.Pipe()
		go f(theirs)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := openMonitor(ctx, ours, func(string, json.RawMessage) {}); err == nil {
			t.Errorf("%s: opened", name)
		}
		cancel()
	}
}

func TestRestartsAreCounted(t *testing.T) {
	t.Parallel()
	p := &process{looping: make(chan struct{})}
	for range maxResets + 5 {
		p.event("RESET", json.RawMessage(`{"guest": false}`)) // the host's doing
		p.event("POWERDOWN", nil)
	}
	select {
	case <-p.looping:
		t.Fatal("counted what the guest has not done")
	default:
	}
	for range maxResets + 5 {
		p.event("RESET", json.RawMessage(`{"guest": true}`))
	}
	select {
	case <-p.looping:
	default:
		t.Error("a machine that only restarts is not seen")
	}
}

// TestStuckMonitor: a QEMU that takes nothing, or answers nothing, keeps nobody for ever.
func TestStuckMonitor(t *testing.T) {
	t.Parallel()
	for name, takes := range map[string]bool{"takes nothing": false, "answers nothing": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				defer theirs.Close()
				m := &monitor{conn: ours, ended: make(chan struct{}), waiting: map[int]chan reply{}, limit: answerLimit, writing: make(chan struct{}, 1)}
				if takes {
					go func() { _, _ = io.Copy(io.Discard, theirs) }()
				}
				began := time.Now()
				first := make(chan error)
				go func() { first <- m.do(t.Context(), "stop", nil, nil) }()
				synctest.Wait() // it is in the way of all others
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errOff)
				defer cancel()
				if err := m.do(ctx, "query-vnc", nil, nil); !errors.Is(err, errOff) || time.Since(began) != time.Second {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				if err := <-first; err == nil || !strings.Contains(err.Error(), "does not answer for 5m0s") || time.Since(began) != answerLimit {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				m.close()
			})
		})
	}
}

// TestFullHost: a machine whose disk this host cannot write is not waited for.
func TestFullHost(t *testing.T) {
	t.Parallel()
	p := &process{ended: make(chan struct{}), stuck: stuck{is: make(chan struct{})}}
	k := newConnection(endless{}, p)
	defer k.end()
	p.event("BLOCK_IO_ERROR", json.RawMessage(`{"action": "report", "operation": "read", "reason": "Input/output error"}`)) // the machine's to deal with
	ran := make(chan error)
	go func() {
		_, err := k.Run(t.Context(), machine.Command{Line: "dd of=/big"})
		ran <- err
	}()
	select {
	case <-p.stuck.is:
		t.Error("an error that the machine is told counts")
	default:
	}
	for range 2 {
		p.event("BLOCK_IO_ERROR", json.RawMessage(`{"action": "stop", "nospace": true, "operation": "write", "reason": "No space left on device"}`))
	}
	if err := <-ran; !errors.Is(err, unix.ENOSPC) || errors.Is(err, machine.ErrDisconnected) {
		t.Error(err)
	}
}

// endless is a machine in which commands do not end by themselves.
type endless struct{ machine.Communicator }

func (endless) Run(ctx context.Context, _ machine.Command) (int, error) {
	<-ctx.Done()
	return -1, context.Cause(ctx)
}

func (endless) Close() error { return nil }

// TestLost: of a machine that is lost in a command its end and its console are told.
func TestLost(t *testing.T) {
	t.Parallel()
	console := filepath.Join(t.TempDir(), "console")
	if err := os.WriteFile(console, []byte("up\r\n\x1b[31mKernel panic\x1b[0m - not syncing: sysrq\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{ended: make(chan struct{}), stuck: stuck{is: make(chan struct{})}, console: console}
	k := newConnection(losing{}, p)
	defer k.end()
	close(p.ended)
	_, err := k.Run(t.Context(), machine.Command{Line: "poweroff -f"})
	if !errors.Is(err, machine.ErrDisconnected) || !strings.Contains(err.Error(), "the machine is off") || !strings.Contains(err.Error(), "ends with:\nup\nKernel panic - not syncing: sysrq") {
		t.Error(err)
	}
	if _, err = k.Run(t.Context(), machine.Command{Line: "true", Passive: true}); err == nil || strings.Contains(err.Error(), "panic") {
		t.Errorf("of no step: %v", err)
	}
}

// losing is a machine whose connections end.
type losing struct{ machine.Communicator }

func (losing) Run(context.Context, machine.Command) (int, error) {
	return -1, fmt.Errorf("%w: EOF", machine.ErrDisconnected)
}

func (losing) Close() error { return nil }
