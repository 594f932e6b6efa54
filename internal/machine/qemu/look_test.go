package qemu

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh"
)

// TestPortArguments: what answers in the machine comes to it whole, in a form that QEMU
// takes.
func TestPortArguments(t *testing.T) {
	t.Parallel()
	line := portArguments()
	if len(line) != 4 || line[0] != "-device" || line[2] != "-smbios" {
		t.Fatalf("arguments %q", line)
	}
	encoded, ok := strings.CutPrefix(line[3], "type=11,value=io.systemd.credential.binary:tmpfiles.extra=")
	text, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		t.Fatalf("%q, %v", line[3], err)
	}
	files := map[string]string{}
	for l := range strings.Lines(string(text)) {
		f := strings.Fields(l)
		if f[0] != "f+~" {
			continue
		}
		content, err := base64.StdEncoding.DecodeString(f[6])
		if err != nil {
			t.Error(err)
		}
		files[f[1]] = string(content)
	}
	unit, rule := files["/run/systemd/system/proofmark-look.service"], files["/run/udev/rules.d/99-proofmark-look.rules"]
	if !strings.Contains(unit, `'exec <>/dev/virtio-ports/proofmark >&0 2>&0; echo ready; read -r n && eval "$$(head -c "$$n")"'`) {
		t.Errorf("unit\n%s", unit)
	}
	if !strings.Contains(rule, `ATTR{name}=="proofmark-knock-*"`) || !strings.HasSuffix(rule, "\n") {
		t.Errorf("rule %q", rule)
	}
}

// TestAnswer: a shell at the other end of a line becomes what serves commands, or says why
// not.
func TestAnswer(t *testing.T) {
	t.Parallel()
	open := probe(t)
	for name, tt := range map[string]struct {
		shell []string
		uname string // "": this host's
		open  func(string) (io.ReadCloser, error)
		want  string
	}{
		"sh":          {shell: []string{"sh"}, open: open},
		"bash":        {shell: []string{"bash", "--posix"}, open: open},
		"busybox":     {shell: []string{"busybox", "sh"}, open: open},
		"odd machine": {shell: []string{"sh"}, uname: "m68k", open: open, want: "there is none for m68k"},
		"no probe":    {shell: []string{"sh"}, open: func(string) (io.ReadCloser, error) { return nil, os.ErrNotExist }, want: "no program of this proofmark"},
		"no program": {shell: []string{"sh"}, open: func(string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("rm -f \"$0\"; exit 3")), nil
		}, want: "the line into the machine ends"},
		"ends at once": {shell: []string{"sh", "-c", "exit", "--"}, open: open, want: "the line into the machine ends"},
		"other words":  {shell: []string{"sh", "-c", "echo hello", "--"}, open: open, want: `it says "hello"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(tt.shell[0]); err != nil {
				t.Skipf("needs %s", tt.shell[0])
			}
			dir := t.TempDir()
			if tt.uname != "" {
				if err := exectest.WriteFile(filepath.Join(dir, "uname"), []byte("#!/bin/sh\necho "+tt.uname+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			ours, theirs, err := socketPair()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tt.shell[0], append(tt.shell[1:], "-c", portShell)...)
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			cmd.Stdin, cmd.Stdout = theirs, theirs
			err = cmd.Start()
			theirs.Close()
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				ours.Close()
				_ = cmd.Wait() // its status says nothing
			}()
			m := &vm{b: &Builder{deps: Deps{Probe: tt.open}}}
			err = m.answer(ours)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := ssh.Dial(t.Context(), ssh.Options{Addr: "the line", User: "root", HostKeys: ssh.AnyHostKey(),
				Transport: func(context.Context) (net.Conn, error) { return ours, nil }})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var out bytes.Buffer
			if exit, err := c.Run(t.Context(), machine.Command{Line: "umask; exit 4", Stdout: &out}); exit != 4 || err != nil || out.String() != "0022\n" {
				t.Errorf("exit %d, %v, %q", exit, err, out.String())
			}
			out.Reset()
			if exit, err := c.Run(t.Context(), machine.Command{Line: attending + " version", Stdout: &out}); exit != 0 || err != nil || out.Len() == 0 {
				t.Errorf("once more: exit %d, %v, %q", exit, err, out.String())
			}
			if left, _ := filepath.Glob(fmt.Sprintf("/*/.proofmark-look-%d", cmd.Process.Pid)); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// TestPortChanged: a port is open once somebody has it, and over when nobody has it any more.
func TestPortChanged(t *testing.T) {
	t.Parallel()
	p := &process{}
	s := newPortState()
	p.ports.Store("one", s)
	is := func(c chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for _, step := range []struct {
		event          string
		opened, closed bool
	}{
		{`{"id":"two","open":true}`, false, false},
		{`{"id":"one","open":false}`, false, false},
		{`nonsense`, false, false},
		{`{"id":"one","open":true}`, true, false},
		{`{"id":"one","open":true}`, true, false},
		{`{"id":"one","open":false}`, true, true},
		{`{"id":"one","open":false}`, true, true},
	} {
		p.event("VSERPORT_CHANGE", []byte(step.event))
		if is(s.opened) != step.opened || is(s.closed) != step.closed {
			t.Errorf("after %s: opened %v, closed %v", step.event, is(s.opened), is(s.closed))
		}
	}
}

func TestReadLine(t *testing.T) {
	t.Parallel()
	r := strings.NewReader("one\n\ntwo\nthree")
	for _, want := range []string{"one", "", "two"} {
		if got, err := readLine(r); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if got, err := readLine(r); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := readLine(strings.NewReader(strings.Repeat("x", 10*maxLine))); err == nil {
		t.Error("a line without end was read")
	}
}

// TestKnock: QEMU takes knock after knock, and nothing of a port is left where nobody opened it.
func TestKnock(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	line := append([]string{"-display", "none", "-machine", "q35", "-accel", "tcg", "-m", "32"}, portArguments()...)
	p, err := startProcess(t.Context(), b.env.Res, processClass("process"), usualBinary, line, filepath.Join(b.home, "words"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(b.env.Res.Destroy(t.Context(), p.id), p.wait(t.Context())); err != nil {
			t.Error(err)
		}
		p.monitor.close()
	}()
	for _, name := range []string{"first", "second"} {
		enough := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		s := time.AfterFunc(300*time.Millisecond, func() { cancel(enough) })
		_, err := p.plugPort(ctx, name, 20*time.Millisecond)
		s.Stop()
		if !errors.Is(err, enough) {
			t.Errorf("%s port: %v", name, err)
		}
	}
	var chardevs []struct{ Label string }
	if err := p.monitor.do(t.Context(), "query-chardev", nil, &chardevs); err != nil {
		t.Fatal(err)
	}
	for _, c := range chardevs {
		if c.Label == "first" || c.Label == "second" {
			t.Errorf("%s is left", c.Label)
		}
	}
}
