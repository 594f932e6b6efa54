package machine_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// connect starts a fake machine. It has a tar of its own.
func connect(t *testing.T) machine.Communicator {
	t.Helper()
	b, err := fake.New(fake.Config{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	scope := l.Scope("run", fake.Kind, nil)
	m, err := b.Start(t.Context(), machine.Env{Res: scope})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := scope.Close(context.Background()); err != nil {
			t.Error(err)
		}
		l.Close()
	})
	c, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTreeThereAndBack(t *testing.T) {
	t.Parallel()
	c := connect(t)
	src, dst := t.TempDir(), filepath.Join(t.TempDir(), "dst")
	plant(t, src, map[string]string{
		"bin/run": "#!/bin/sh\n", "etc/a b.txt": "text", "etc/empty/": "", "link": "->bin/run", "it's $HOME": "odd",
	})
	if err := machine.PutTree(t.Context(), c, src, "/srv/tree", machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	if err := machine.GetTree(t.Context(), c, "/srv/tree", dst, machine.Transfer{}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"bin/": "755", "bin/run": "755 #!/bin/sh\n", "etc/": "755", "etc/a b.txt": "644 text", "etc/empty/": "755",
		"link": "->bin/run", "it's $HOME": "644 odd",
	}
	if d := cmp.Diff(want, list(t, dst)); d != "" {
		t.Error(d)
	}
}
