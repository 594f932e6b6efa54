package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/ssh"
)

// lookScript is what the shell at the port runs: it tells the processor, takes as many bytes
// of a program as it is told, and becomes that.
const lookScript = `echo "arch $(uname -m)"; read -r n || exit
u=$(umask); umask 077; set -C
for d in /run /tmp /var/tmp /dev/shm /root; do
  f=$d/.proofmark-look-$$
  { printf '#!/bin/sh\nexit 0\n' >"$f"; } 2>/dev/null || continue
  { chmod 700 "$f" && "$f"; } 2>/dev/null || { rm -f "$f"; continue; }
  echo send; head -c "$n" >|"$f" && umask "$u" && exec "$f" attend --unlink 2>/dev/null
done
echo "no directory lets programs run"`

// attending is a line for a shell that what attends has started: its file is gone.
const attending = `exec "/proc/$PPID/exe"`

// look connects to what answers at the machine's port.
func (m *vm) look(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := m.process // also for a try that the machine's end overtakes
	n := 0
	c, err := ssh.Dial(ctx, ssh.Options{
		Addr: "the machine's port", User: "root", HostKeys: ssh.AnyHostKey(), ConnectTimeout: limit, Wait: limit,
		KeepAlive: m.b.c.SSH.KeepAlive, Say: m.out.Message,
		Transport: func(ctx context.Context) (net.Conn, error) {
			n++
			line, err := p.plugPort(ctx, fmt.Sprintf("%s-%d", portName, n), knockPause)
			if err != nil {
				return nil, err
			}
			defer context.AfterFunc(ctx, func() { line.Close() })()
			if err := m.answer(line); err != nil {
				line.Close()
				if errors.Is(err, errNoProgram) {
					cancel(err) // it is as it is
				}
				return nil, err
			}
			return line, nil
		},
	})
	if err != nil {
		return err
	}
	m.conn = newConnection(c, p)
	m.conn.probe = attending
	return nil
}

// errNoProgram says that nothing can answer in the machine.
var errNoProgram = errors.New("no program of this proofmark runs in the machine")

// answer has the program that serves commands answer at the other end of a line.
func (m *vm) answer(line net.Conn) error {
	if err := wantLine(line, "ready"); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(line, "%d\n%s", len(lookScript), lookScript); err != nil {
		return err
	}
	said, err := readLine(line)
	if err != nil {
		return err
	}
	arch, ok := strings.CutPrefix(said, "arch ")
	if !ok {
		return fmt.Errorf("it says %q", said)
	}
	program, err := m.program(arch)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(line, "%d\n", len(program)); err != nil {
		return err
	}
	if err := wantLine(line, "send"); err != nil {
		return err
	}
	if _, err := line.Write(program); err != nil {
		return err
	}
	return wantLine(line, "proofmark: attends")
}

// program is the one that answers, for a processor as uname names it.
func (m *vm) program(arch string) ([]byte, error) {
	name, ok := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[arch]
	if !ok {
		return nil, fmt.Errorf("%w: there is none for %s", errNoProgram, arch)
	}
	r, err := m.b.deps.Probe(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoProgram, err)
	}
	defer r.Close()
	program, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoProgram, err)
	}
	return program, nil
}

// maxLine bounds a line of a machine's.
const maxLine = 200

// readLine reads to the next line break, and no further.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < maxLine; line = append(line, b[0]) {
		if _, err := io.ReadFull(r, b); err != nil {
			return "", fmt.Errorf("the line into the machine ends: %w", err)
		}
		if b[0] == '\n' {
			return string(line), nil
		}
	}
	return "", fmt.Errorf("it says %q", line)
}

func wantLine(r io.Reader, want string) error {
	said, err := readLine(r)
	if err == nil && said != want {
		err = fmt.Errorf("it says %q", said)
	}
	return err
}
