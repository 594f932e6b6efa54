package rootfs

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// newEnv is what a build would give a builder; all is given back at the end.
func newEnv(t testing.TB, home string, opts ...ledger.Option) machine.Env {
	t.Helper()
	l, err := ledger.Open(filepath.Join(home, "ledger"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	env := machine.Env{
		Res: l.Scope("run", KindName, nil), Out: discard{}, Run: "run", Build: "rootfs.test",
		Output: t.TempDir(), Now: time.Now(),
	}
	env.Files = &output.Files{Scope: env.Res}
	t.Cleanup(func() {
		if err := env.Res.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return env
}

// BenchmarkStep is what a step costs that does nothing: restore, run, snapshot.
func BenchmarkStep(b *testing.B) {
	needMachines(b)
	home := b.TempDir()
	env := newEnv(b, home)
	builder, err := New(Config{Archive: tiny(b, nil)}, Deps{State: filepath.Join(home, "state")})
	if err != nil {
		b.Fatal(err)
	}
	m, err := builder.Start(b.Context(), env)
	if err != nil {
		b.Fatal(err)
	}
	ref, m, err := builder.Snapshot(b.Context(), m, env)
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m, err := builder.Restore(b.Context(), ref, env)
		if err != nil {
			b.Fatal(err)
		}
		a := time.Now()
		c, err := m.Connect(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		x := time.Now()
		if exit, err := c.Run(b.Context(), machine.Command{Line: "true"}); exit != 0 || err != nil {
			b.Fatal(exit, err)
		}
		y := time.Now()
		_, next, err := builder.Snapshot(b.Context(), m, env)
		if err != nil {
			b.Fatal(err)
		}
		z := time.Now()
		if err := next.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.Log(x.Sub(a), y.Sub(x), z.Sub(y), time.Since(z))
	}
}
