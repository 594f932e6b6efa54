package rootfs

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// TestKept: a machine that is kept for a while goes on when its build is over, a
// person can enter it, and the reaper destroys it from the record alone.
func TestKept(t *testing.T) {
	needMachines(t)
	home, tags := t.TempDir(), new(machinetest.Tags)
	deps := Deps{State: filepath.Join(home, "state")}
	l, err := ledger.Open(filepath.Join(home, "ledger"), tags.Watch())
	if err != nil {
		t.Fatal(err)
	}
	env := machine.Env{Res: l.Scope("run", KindName, ledger.Where{WhereState: deps.State}), Out: discard{}, Output: t.TempDir()}
	b, err := New(Config{Archive: tiny(t, nil)}, deps)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Start(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Put(t.Context(), "/srv/file", 0o644, strings.NewReader("kept")); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(200 * time.Millisecond)
	if err := env.Res.KeepUntil(until); err != nil {
		t.Fatal(err)
	}
	enter := m.(machine.Entering).EnterCommand()
	if err := env.Res.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", enter)
	cmd.Stdin = strings.NewReader("cat /srv/file; exit\n")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "kept") {
		t.Errorf("%s: %v, %s", enter, err, out)
	}

	// Another process, later, that knows nothing of the builder's configuration.
	time.Sleep(time.Until(until))
	if l, err = ledger.Open(filepath.Join(home, "ledger")); err != nil {
		t.Fatal(err)
	}
	classes := func(_ string, w ledger.Where) []ledger.Class { return Classes(Deps{}, w) }
	if err := l.Reap(t.Context(), classes, nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left := leftovers(t, home, tags.List()); len(left) > 0 {
		t.Errorf("left on the host: %q", left)
	}
	if left, err := filepath.Glob(filepath.Join(deps.State, "machines", "*")); len(left) > 0 || err != nil {
		t.Errorf("left in the state directory: %q, %v", left, err)
	}
}

// TestMany runs many machines at once, from one layer.
func TestMany(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	ref, next, err := r.b.Snapshot(t.Context(), r.m, r.env)
	if err != nil {
		t.Fatal(err)
	}
	r.m = next
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			m, err := r.b.Restore(t.Context(), ref, r.env)
			if err != nil {
				t.Error(err)
				return
			}
			defer m.Close(context.WithoutCancel(t.Context()))
			c, err := m.Connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				var out strings.Builder
				exit, err := c.Run(t.Context(), machine.Command{Line: fmt.Sprintf("echo %d >> /srv/n; sort -u /srv/n; exit %d", i, i), Stdout: &out})
				if exit != i || err != nil || out.String() != fmt.Sprintf("%d\n", i) {
					t.Errorf("machine %d: exit %d, %v, %q", i, exit, err, out.String())
				}
			}
		})
	}
	wg.Wait()
}
