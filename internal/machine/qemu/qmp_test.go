package qemu

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
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
