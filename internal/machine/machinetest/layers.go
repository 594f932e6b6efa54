package machinetest

import (
	"context"
	"errors"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// layers is a bench whose builder has layers.
type layers struct {
	*bench
	snap machine.Snapshotter
}

// snapshot takes a layer that the test discards at its end, as the cache would.
func (l layers) snapshot(t testing.TB, m machine.Machine) (string, machine.Machine) {
	t.Helper()
	ref, next, err := l.snap.Snapshot(t.Context(), m, l.env)
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	if err := l.env.Res.Keep(ref); err != nil {
		t.Fatalf("the layer is not recorded under its reference: %v", err)
	}
	t.Cleanup(func() { l.discard(t, ref) })
	l.adopt(t, next)
	return ref, next
}

func (l layers) discard(t testing.TB, ref string) {
	t.Helper()
	if err := l.snap.Discard(context.WithoutCancel(t.Context()), ref, l.env); err != nil && !errors.Is(err, machine.ErrGone) {
		t.Errorf("discard: %v", err)
	}
}

func (l layers) restore(t testing.TB, ref string) (machine.Machine, inside) {
	t.Helper()
	m, err := l.snap.Restore(t.Context(), ref, l.env)
	if err != nil {
		t.Fatalf("restore: %v", err)
	}
	l.adopt(t, m)
	return m, connect(t, m)
}

func testLayers(t *testing.T, o Options) {
	bench := newBench(t, o)
	snap, ok := bench.builder.(machine.Snapshotter)
	if !ok {
		return
	}
	l := layers{bench, snap}
	fresh := func(t *testing.T) layers {
		o.beside(t)
		b := newBench(t, o)
		return layers{b, b.builder.(machine.Snapshotter)}
	}

	t.Run("continue", func(t *testing.T) { testContinue(t, fresh(t)) })
	t.Run("chain", func(t *testing.T) { testChain(t, fresh(t)) })
	t.Run("throw-away machines", func(t *testing.T) {
		l := fresh(t)
		m := l.start(t)
		connect(t, m).put("/srv/file", "layer")
		ref, next := l.snapshot(t, m)
		a, inA := l.restore(t, ref)
		_, inB := l.restore(t, ref)
		inA.put("/srv/file", "changed")
		inA.sh("rm -rf /srv/other; mkdir /srv/other")
		inB.want("/srv/file", "layer")
		connect(t, next).want("/srv/file", "layer")
		closeMachine(t, a)
		_, again := l.restore(t, ref)
		again.want("/srv/file", "layer")
		if exit := again.exit("[ -e /srv/other ]"); exit == 0 {
			t.Error("a restored machine changed its layer")
		}
	})
	t.Run("another builder restores", func(t *testing.T) {
		l := fresh(t)
		m := l.start(t)
		connect(t, m).put("/srv/file", "layer")
		ref, next := l.snapshot(t, m)
		closeMachine(t, next)
		l.snap = o.New(t, l.home, 0).(machine.Snapshotter)
		_, c := l.restore(t, ref)
		c.want("/srv/file", "layer")
		if n, err := l.snap.LayerSize(ref); err != nil || n <= 0 {
			t.Errorf("layer size = %d, %v", n, err)
		}
	})
	t.Run("gone", func(t *testing.T) {
		l := fresh(t)
		ref, next := l.snapshot(t, l.start(t))
		closeMachine(t, next)
		if err := l.snap.Discard(t.Context(), ref, l.env); err != nil {
			t.Fatal(err)
		}
		if m, err := l.snap.Restore(t.Context(), ref, l.env); !errors.Is(err, machine.ErrGone) {
			t.Errorf("restore of a discarded layer: %v, %v", m, err)
		}
		if err := l.snap.Discard(t.Context(), ref, l.env); err != nil && !errors.Is(err, machine.ErrGone) {
			t.Errorf("discard twice: %v", err)
		}
		if held := l.held(t); len(held) > 0 {
			t.Errorf("the ledger holds %v", held)
		}
	})
	t.Run("not kept", func(t *testing.T) {
		l := fresh(t)
		ref, next, err := l.snap.Snapshot(t.Context(), l.start(t), l.env)
		if err != nil {
			t.Fatal(err)
		}
		closeMachine(t, next)
		if err := l.env.Res.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		env := l.env
		env.Res = l.ledger.Scope("run-2", o.Kind, o.Where)
		if m, err := l.snap.Restore(t.Context(), ref, env); !errors.Is(err, machine.ErrGone) {
			t.Errorf("restore of a layer that nobody kept: %v, %v", m, err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		m := l.start(t)
		connect(t, m)
		if ref, next, err := l.snap.Snapshot(cancelled(t), m, l.env); err == nil {
			closeMachine(t, next)
			t.Errorf("took a snapshot %s", ref)
		}
		if held := l.held(t); len(held) > 0 {
			t.Errorf("a failed snapshot consumes the machine, and the ledger holds %v", held)
		}
		closeMachine(t, m)
	})
}

// testContinue: files go on, the old machine does not, and processes where they shall.
func testContinue(t *testing.T, l layers) {
	m := l.start(t)
	c := connect(t, m)
	plant(c)
	want := harvest(c)
	c.sh("(while :; do echo x >> /srv/beat; sleep 0.02; done) >/dev/null 2>&1 &")
	_, next := l.snapshot(t, m)
	n := connect(t, next)
	if got := harvest(n); got != want {
		t.Errorf("the next machine holds\n%s\nwant\n%s", got, want)
	}
	if continuous, ok := l.snap.(machine.Continuous); ok && continuous.Continuous() {
		n.sh("n=$(wc -c </srv/beat); until [ $(wc -c </srv/beat) -gt $n ]; do sleep 0.1; done")
	} else {
		wantNoBeat(t, n, "/srv/beat")
	}
	if _, _, err := c.try(t.Context(), machine.Command{Line: "touch /srv/tree/ghost"}); err == nil {
		t.Error("a command ran in a machine that was consumed")
	}
	n.wantMissing("/srv/tree/ghost")
	if _, _, err := l.snap.Snapshot(t.Context(), m, l.env); err == nil {
		t.Error("a consumed machine gave a second snapshot")
	}
	closeMachine(t, m)
	n.want("/srv/tree/file", "text\n")
}

// testChain: layers on layers, with files changed, removed and replaced.
func testChain(t *testing.T, l layers) {
	m := l.start(t)
	connect(t, m).sh(`mkdir -p /srv/d/sub /srv/becomes-file; echo 1 > /srv/d/one; echo 1 > /srv/d/sub/deep
		echo 1 > /srv/changes; echo 1 > /srv/goes; echo 1 > /srv/becomes-dir`)
	first, m := l.snapshot(t, m)
	connect(t, m).sh(`echo 2 > /srv/changes; rm /srv/goes; rm -r /srv/d; mkdir /srv/d; echo 2 > /srv/d/two
		rm /srv/becomes-dir; mkdir /srv/becomes-dir; rm -r /srv/becomes-file; echo 2 > /srv/becomes-file`)
	second, m := l.snapshot(t, m)
	state := func(c inside) string { return c.sh("cd /srv; ls -d d/* becomes-*/ *; cat changes") }
	two := state(connect(t, m))
	connect(t, m).sh("echo 3 > /srv/changes; echo 3 > /srv/third")
	third, m := l.snapshot(t, m)
	closeMachine(t, m)

	_, c := l.restore(t, second)
	if got := state(c); got != two {
		t.Errorf("the second layer holds\n%s\nwant\n%s", got, two)
	}
	c.wantMissing("/srv/goes")
	c.wantMissing("/srv/d/one")
	c.wantMissing("/srv/third")
	_, c = l.restore(t, first)
	c.want("/srv/changes", "1\n")
	c.want("/srv/goes", "1\n")
	c.want("/srv/d/sub/deep", "1\n")
	_, c = l.restore(t, third)
	c.want("/srv/changes", "3\n")
	c.want("/srv/d/two", "2\n")

	// A machine may go on from a restored layer too.
	branch, c := l.restore(t, first)
	c.put("/srv/branch", "b")
	_, branch = l.snapshot(t, branch)
	connect(t, branch).want("/srv/goes", "1\n")
	connect(t, branch).want("/srv/branch", "b")
}

// exit returns the exit status of a line.
func (c inside) exit(line string) int {
	c.t.Helper()
	_, exit, err := c.try(c.t.Context(), machine.Command{Line: line})
	if err != nil {
		c.t.Fatalf("run %q: %v", line, err)
	}
	return exit
}
