package rootfs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// debian returns an archive of a Debian tree with systemd.
func debian(t testing.TB) string {
	t.Helper()
	for _, at := range []string{os.Getenv("PROOFMARK_TEST_BASE"), "../../../build/base.tar"} {
		if at == "" {
			continue
		}
		if _, err := os.Stat(at); err == nil {
			return at
		}
	}
	t.Skip("no Debian tree: run make test, or name a tar archive of one in PROOFMARK_TEST_BASE")
	return ""
}

// trial is a machine for one test.
type trial struct {
	t   testing.TB
	b   *Builder
	m   machine.Machine
	env machine.Env

	tags *machinetest.Tags // of all that it makes
}

func try(t testing.TB, c Config) *trial {
	t.Helper()
	needMachines(t)
	home, tags := t.TempDir(), new(machinetest.Tags)
	t.Cleanup(func() {
		if left := leftovers(t, home, tags.List()); len(left) > 0 {
			t.Errorf("left on the host:\n%s", strings.Join(left, "\n"))
		}
	})
	env := newEnv(t, home, tags.Watch())
	b, err := New(c, Deps{State: filepath.Join(home, "state")})
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Start(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return &trial{t: t, b: b, m: m, env: env, tags: tags}
}

func (r *trial) connect() machine.Communicator {
	r.t.Helper()
	c, err := r.m.Connect(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// sh runs a line and returns what it prints; it must exit with the given status.
func (r *trial) sh(exit int, line string) string {
	r.t.Helper()
	var out bytes.Buffer
	got, err := r.connect().Run(r.t.Context(), machine.Command{Line: line, Stdout: &out, Stderr: &out})
	if err != nil || got != exit {
		r.t.Fatalf("%s: exit %d, %v\n%s", line, got, err, out.String())
	}
	return strings.TrimSpace(out.String())
}

func (r *trial) snapshot() {
	r.t.Helper()
	_, next, err := r.b.Snapshot(r.t.Context(), r.m, r.env)
	if err != nil {
		r.t.Fatal(err)
	}
	r.m = next
}

// parents is a catalog that holds one image.
func parents(img image.Image) func(context.Context, string) (image.Image, error) {
	return func(context.Context, string) (image.Image, error) { return img, nil }
}
