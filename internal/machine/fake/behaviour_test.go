package fake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// bench is a builder with what it needs.
type bench struct {
	*fake.Builder
	t   *testing.T
	env machine.Env
}

func newBench(t *testing.T, c fake.Config) *bench {
	t.Helper()
	dir := t.TempDir()
	if c.Home == "" {
		c.Home = filepath.Join(dir, "home")
	}
	b, err := fake.New(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(filepath.Join(dir, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	env := machine.Env{Res: l.Scope("run", fake.Kind, fake.Where(c.Home)), Out: quiet{}, Build: "fake.x", Output: t.TempDir(), Now: time.Now()}
	t.Cleanup(func() {
		if err := errors.Join(env.Res.Close(context.Background()), l.Close()); err != nil {
			t.Error(err)
		}
		left, _ := filepath.Glob(filepath.Join(c.Home, "*", "*"))
		if len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
	return &bench{b, t, env}
}

type quiet struct{}

func (quiet) Say(string, ...any)                       {}
func (quiet) Message(string, ...any)                   {}
func (quiet) Warn(string, ...any)                      {}
func (quiet) Output() io.WriteCloser                   { return nil }
func (quiet) Progress(string, int64) func(int64, bool) { return func(int64, bool) {} }

func (b *bench) connect(m machine.Machine, err error) machine.Communicator {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { m.Close(context.Background()) })
	c, err := m.Connect(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) start() machine.Communicator {
	b.t.Helper()
	return b.connect(b.Start(b.t.Context(), b.env))
}

// sh runs a line and returns its output with the status when it is not 0.
func sh(t *testing.T, c machine.Communicator, line string) string {
	t.Helper()
	var out bytes.Buffer
	exit, err := c.Run(t.Context(), machine.Command{Line: line, Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if exit != 0 {
		fmt.Fprintf(&out, "[%d]", exit)
	}
	return out.String()
}

func TestFaults(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	tests := []struct {
		op string
		do func(b *bench) error
	}{
		{fake.OpFingerprint, func(b *bench) error { return b.Fingerprint(b.t.Context(), cache.NewHash("", fake.Kind, nil)) }},
		{fake.OpStart, func(b *bench) error { _, err := b.Start(b.t.Context(), b.env); return err }},
		{fake.OpMade, func(b *bench) error { _, err := b.Start(b.t.Context(), b.env); return err }},
		{fake.OpConnect, func(b *bench) error {
			m, err := b.Start(b.t.Context(), b.env)
			if err != nil {
				b.t.Fatal(err)
			}
			_, err = m.Connect(b.t.Context())
			return err
		}},
		{fake.OpRun, func(b *bench) error {
			_, err := b.start().Run(b.t.Context(), machine.Command{Line: "true"})
			return err
		}},
		{fake.OpRunDone, func(b *bench) error {
			_, err := b.start().Run(b.t.Context(), machine.Command{Line: "true"})
			return err
		}},
		{fake.OpPut, func(b *bench) error { return b.start().Put(b.t.Context(), "/srv/x", 0o644, strings.NewReader("")) }},
		{fake.OpGet, func(b *bench) error { return b.start().Get(b.t.Context(), "/etc/passwd", io.Discard) }},
		{fake.OpSnapshot, func(b *bench) error {
			m, _ := b.Start(b.t.Context(), b.env)
			_, _, err := b.Snapshot(b.t.Context(), m, b.env)
			return err
		}},
		{fake.OpCapture, func(b *bench) error {
			m, _ := b.Start(b.t.Context(), b.env)
			_, err := m.Capture(b.t.Context(), b.env)
			return err
		}},
		{fake.OpSeal, func(b *bench) error {
			m, _ := b.Start(b.t.Context(), b.env)
			return m.(machine.Sealer).Seal(b.t.Context(), nil)
		}},
		{fake.OpGate, func(b *bench) error {
			m, _ := b.Start(b.t.Context(), b.env)
			_, err := m.(machine.Gater).BootForGate(b.t.Context())
			return err
		}},
		{fake.OpBoot, func(b *bench) error { _, err := b.Boot(b.t.Context(), image.Image{}, b.env); return err }},
		{fake.OpPublish, func(b *bench) error { _, err := b.Publish(b.t.Context(), image.Image{}, b.env); return err }},
		{fake.OpRestore, func(b *bench) error { _, err := b.Restore(b.t.Context(), "x", b.env); return err }},
		{fake.OpDiscard, func(b *bench) error { return b.Discard(b.t.Context(), "x", b.env) }},
	}
	for _, tt := range tests {
		t.Run(tt.op, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fake.Config{Fault: fake.FailNth(tt.op, 1, boom)})
			if err := tt.do(b); !errors.Is(err, boom) {
				t.Errorf("err = %v, want the fault", err)
			}
			if n := b.Calls(tt.op); n != 1 {
				t.Errorf("%d calls counted", n)
			}
		})
	}
}

func TestLostConnection(t *testing.T) {
	t.Parallel()
	for op, ran := range map[string]string{fake.OpRun: "1\n", fake.OpRunDone: "1\n2\n"} {
		b := newBench(t, fake.Config{Fault: fake.FailNth(op, 2, machine.ErrDisconnected)})
		c := b.start()
		sh(t, c, "echo 1 >> /srv/log")
		if _, err := c.Run(t.Context(), machine.Command{Line: "echo 2 >> /srv/log"}); !errors.Is(err, machine.ErrDisconnected) {
			t.Errorf("%s: err = %v", op, err)
		}
		if got := sh(t, c, "cat /srv/log"); got != ran {
			t.Errorf("%s: log = %q, want %q", op, got, ran)
		}
	}
}

func TestReboot(t *testing.T) {
	t.Parallel()
	b := newBench(t, fake.Config{})
	c := b.start()
	sh(t, c, "echo x > /srv/disk; echo x > /run/memory; sleep 300 &")
	_, err := c.Run(t.Context(), machine.Command{Line: "reboot; touch /srv/after; sleep 300"})
	if !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("err = %v, want a lost connection", err)
	}
	if got := sh(t, c, "ls /srv /run"); got != "/srv:\ndisk\n\n/run:\n" {
		t.Errorf("after the reboot: %q", got)
	}
	if _, err := c.Run(t.Context(), machine.Command{Line: "poweroff"}); !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("err = %v, want a lost connection", err)
	}
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("err = %v, want that it stays off", err)
	}
}

func TestInit(t *testing.T) {
	t.Parallel()
	init := "#!/bin/sh\necho up > /run/state\necho made > /etc/machine-id\n[ ! -e /etc/broken ]\n"
	b := newBench(t, fake.Config{Files: map[string]string{"/sbin/init": init}})
	m, err := b.Start(t.Context(), b.env)
	c := b.connect(m, err)
	if got := sh(t, c, "[ -e /run/state ]"); got != "[1]" {
		t.Error("a machine that is only provisioned boots")
	}
	if booted, err := m.(machine.Gater).BootForGate(t.Context()); !booted || err != nil {
		t.Fatalf("booted = %v, %v", booted, err)
	}
	if got := sh(t, c, "cat /run/state; rm /etc/machine-id"); got != "up\n" {
		t.Errorf("state = %q", got)
	}
	img, err := m.Capture(t.Context(), b.env)
	if err != nil {
		t.Fatal(err)
	}
	rules := []machine.SealRule{{Name: "id", Paths: []string{"/etc/machine-id"}}}
	booted, err := b.Boot(t.Context(), img, b.env)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := booted.(machine.Sealer).Residue(t.Context(), rules); len(found) > 0 || err != nil {
		t.Errorf("residue before the first boot: %v, %v", found, err)
	}
	c = b.connect(booted, nil)
	if got := sh(t, c, "cat /run/state /etc/machine-id; touch /etc/broken"); got != "up\nmade\n" {
		t.Errorf("booted: %q", got)
	}
	if _, err := booted.(machine.Sealer).Residue(t.Context(), rules); err == nil {
		t.Error("residue of a started machine")
	}
	if _, err := booted.(machine.Gater).BootForGate(t.Context()); err == nil || !strings.Contains(err.Error(), "status 1") {
		t.Errorf("err = %v, want that init failed", err)
	}
}

func TestParent(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	base := newBench(t, fake.Config{Home: home, Name: "base", Files: map[string]string{"/etc/base": "1"}})
	m, err := base.Start(t.Context(), base.env)
	if err != nil {
		t.Fatal(err)
	}
	img, err := m.Capture(t.Context(), base.env)
	if err != nil || img.Name != "base" || m.Close(t.Context()) != nil {
		t.Fatal(img, err)
	}
	child := newBench(t, fake.Config{
		ParentName: "base", Files: map[string]string{"/etc/child": "2"},
		Parent: func(context.Context) (image.Image, error) { return img, nil },
	})
	if got := sh(t, child.start(), "cat /etc/base /etc/child"); got != "12" {
		t.Errorf("child holds %q", got)
	}
	h := cache.NewHash("", fake.Kind, nil)
	if err := child.Fingerprint(t.Context(), h); err != nil || child.Parent() != "base" {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(h.Inputs()), string(img.Digest)) {
		t.Errorf("inputs %v do not name the parent's digest", h.Inputs())
	}
	if err := os.WriteFile(img.ID, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := child.Start(t.Context(), child.env); err == nil {
		t.Error("started from a damaged parent")
	}
}

func TestDamagedLayerIsGone(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(ref string) error{
		"file changed":     func(ref string) error { return os.WriteFile(filepath.Join(ref, "tree/etc/hostname"), nil, 0o644) },
		"file added":       func(ref string) error { return os.WriteFile(filepath.Join(ref, "tree/x"), nil, 0o644) },
		"mode changed":     func(ref string) error { return os.Chmod(filepath.Join(ref, "tree/etc/hostname"), 0o600) },
		"tree missing":     func(ref string) error { return os.RemoveAll(filepath.Join(ref, "tree")) },
		"never completed":  func(ref string) error { return os.Remove(filepath.Join(ref, "digest")) },
		"digest cut short": func(ref string) error { return os.Truncate(filepath.Join(ref, "digest"), 10) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fake.Config{})
			m, err := b.Start(t.Context(), b.env)
			if err != nil {
				t.Fatal(err)
			}
			ref, next, err := b.Snapshot(t.Context(), m, b.env)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(next.Close(t.Context()), damage(ref)); err != nil {
				t.Fatal(err)
			}
			if m, err := b.Restore(t.Context(), ref, b.env); !errors.Is(err, machine.ErrGone) {
				t.Errorf("restored %v, %v", m, err)
			}
		})
	}
}

func TestMachineIsClosedToTheHost(t *testing.T) {
	t.Parallel()
	b := newBench(t, fake.Config{})
	c := b.start()
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"cat " + outside,
		"cat < " + outside,
		"ln -s " + outside + " /srv/link; cat /srv/link",
		"ln -s ../../../../../../../../../.." + outside + " /srv/up; cat /srv/up",
		"cd ../../../..; cat ." + outside,
		"[ -e " + outside + " ] && echo secret",
		"echo " + outside + "*/../secret* | grep -v '*'; cat " + filepath.Dir(outside) + "/*",
		". " + outside,
		outside,
		"command -v git; PATH=/usr/bin git --version",
	} {
		if got := sh(t, c, line); strings.Contains(strings.ReplaceAll(got, outside, ""), "secret") || strings.Contains(got, "git version") {
			t.Errorf("%s: %q", line, got)
		}
	}
	sh(t, c, "mkdir -p "+filepath.Dir(outside)+"; echo changed > "+outside+"; rm -rf /../../*")
	if text, _ := os.ReadFile(outside); string(text) != "secret" {
		t.Errorf("a file of the host holds %q", text)
	}
}

func TestOwnCommands(t *testing.T) {
	t.Parallel()
	b := newBench(t, fake.Config{Commands: map[string]fake.Command{
		"greet": func(_ context.Context, p *fake.Process) int {
			fmt.Fprintf(p.Stdout, "%q %s %s %s\n", p.Args, p.Env["WHO"], p.Dir, p.User)
			return 7
		},
	}})
	c := b.start()
	if err := c.Put(t.Context(), "/srv/script", 0o755, strings.NewReader("#!/usr/bin/greet -x\nwhatever\n")); err != nil {
		t.Fatal(err)
	}
	if got, want := sh(t, c, "cd /srv; WHO=me greet a 'b c'; ./script d"),
		`["greet" "a" "b c"] me /srv root`+"\n"+`["/usr/bin/greet" "-x" "./script" "d"]  /srv root`+"\n[7]"; got != want {
		t.Errorf("output %q\nwant   %q", got, want)
	}
}
