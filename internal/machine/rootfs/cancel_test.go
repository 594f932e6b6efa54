package rootfs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestCancelDaemons: of a command that is cancelled nothing goes on, however far it
// went from where it began.
func TestCancelDaemons(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	c := r.connect()
	r.sh(0, "(setsid sh -c 'while :; do echo x >> /srv/other; sleep 0.02; done' >/dev/null 2>&1 &)")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := c.Run(ctx, machine.Command{
		Line: `beat='while :; do echo x >> /srv/beat; sleep 0.02; done'
			(setsid sh -c "$beat" >/dev/null 2>&1 &); (setsid sh -c "(setsid sh -c '$beat' &)" >/dev/null 2>&1 &)
			until [ -s /srv/beat ]; do sleep 0.02; done; echo started; sleep 300`,
		Stdout: onWrite(cancel),
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	r.sh(0, "a=$(wc -l < /srv/beat); sleep 0.3; b=$(wc -l < /srv/beat); [ $a = $b ] || { echo $a $b; exit 1; }")
	r.sh(0, "a=$(wc -l < /srv/other); for i in $(seq 600); do [ $a = $(wc -l < /srv/other) ] || exit 0; sleep 0.05; done; exit 1") // another command's
}

type onWrite func()

func (f onWrite) Write(p []byte) (int, error) { f(); return len(p), nil }

// TestCancelAtOnce cancels commands while they are on their way into the machine.
func TestCancelAtOnce(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	c := r.connect()
	for i := range 60 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for range i * 2000 { // from before the start to well within
				_ = ctx.Err()
			}
			cancel()
		}()
		_, err := c.Run(ctx, machine.Command{Line: "sleep 4321 & sleep 4321 & wait"})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if left := r.sh(0, "ps -e -o args | grep '[s]leep 4321' || :"); left != "" {
		t.Errorf("go on:\n%s", left)
	}
}

// TestRootlessCancelDaemons: the same where there are no control groups.
func TestRootlessCancelDaemons(t *testing.T) {
	if os.Getenv(asUserEnv) == "" {
		asUser(t, "TestRootlessCancelDaemons")
		return
	}
	TestCancelDaemons(t)
}

// TestNothingIsGivenAlong: what a command is started through is closed in it.
func TestNothingIsGivenAlong(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	got := r.sh(0, "for f in /proc/$$/fd/*; do readlink $f || :; done")
	for line := range strings.Lines(got) {
		if line = strings.TrimSpace(line); line == "/" || strings.HasPrefix(line, "mnt:") || strings.HasPrefix(line, "pid:") {
			t.Errorf("a command has files open:\n%s", got)
		}
	}
}

// TestStartAfterTheEnd: when the machine is gone by the time a command starts, it
// starts nowhere, although its leader's number leads to a process of the host.
func TestStartAfterTheEnd(t *testing.T) {
	t.Parallel()
	g := holding(t, true)
	g.letGo()
	file := t.TempDir() + "/made"
	p, err := g.start(spawn{name: "x", env: map[string]string{}, line: fmt.Sprintf("touch %s", file)})
	if err == nil {
		_, _ = p.wait(t.Context())
	}
	if !errors.Is(err, errLetGo) || exists(file) {
		t.Errorf("started on the host: %v, made a file: %v", err, exists(file))
	}
}
