package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs"
)

// specTarget is a booted Debian with something for every resource of ServerSpec.
type specTarget struct {
	comm machine.Communicator // as root, without SSH
	addr string               // where its SSH server is
	key  string               // file that lets root, anna and bert in
}

// targetArchive is the tree that targets are booted from.
func targetArchive(t testing.TB) string {
	t.Helper()
	for _, at := range []string{os.Getenv("PROOFMARK_TEST_TARGET"), "../../build/target.tar"} {
		if at == "" {
			continue
		}
		if _, err := os.Stat(at); err == nil {
			return at
		}
	}
	t.Skip("needs build/target.tar, a Debian tree with services: make test makes it")
	return ""
}

// bootTarget starts a target and sets it up.
func bootTarget(t *testing.T) *specTarget {
	t.Helper()
	needMachines(t)
	home := t.TempDir()
	l, err := ledger.Open(filepath.Join(home, "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	env := machine.Env{
		Res: l.Scope("run", rootfs.KindName, nil), Out: quietLog{"target", func(text string) { t.Log(text) }}, Run: "run", Build: "rootfs.target",
		Output: t.TempDir(), Now: time.Now(),
	}
	env.Files = &output.Files{Scope: env.Res}
	b, err := rootfs.New(rootfs.Config{Archive: targetArchive(t), StartServices: true}, rootfs.Deps{State: filepath.Join(home, "state")})
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Start(t.Context(), env)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if m != nil {
			if err := m.Close(ctx); err != nil {
				t.Error(err)
			}
		}
		if err := env.Res.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	comm, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &specTarget{comm: comm, key: filepath.Join(t.TempDir(), "id")}
	script, err := os.ReadFile("testdata/serverspec/target.sh")
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, "PUBLIC_KEY="+machine.Quote(newKeyFile(t, s.key))+"; export PUBLIC_KEY; sh -s", bytes.NewReader(script))
	addr, _, _ := strings.Cut(strings.TrimSpace(s.run(t, "ip -4 -o addr show eth0 | awk '{print $4}'", nil)), "/")
	if _, err := netip.ParseAddr(addr); err != nil {
		t.Fatal(err)
	}
	s.addr = addr
	return s
}

// run runs a command as root in the target, which must succeed, and returns what it prints.
func (s *specTarget) run(t testing.TB, line string, stdin io.Reader) string {
	t.Helper()
	var out, errs bytes.Buffer
	exit, err := s.comm.Run(t.Context(), machine.Command{Line: line, Stdin: stdin, Stdout: &out, Stderr: &errs})
	if err != nil || exit != 0 {
		t.Fatalf("exit %d, %v\n%s", exit, err, errs.String())
	}
	return out.String()
}

// put copies a directory into the target.
func (s *specTarget) put(t testing.TB, dir, to string) {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s.run(t, "mkdir -p "+to+" && tar xf - -C "+to, &b)
}

// newKeyFile makes a key and returns its public half, as authorized_keys has it.
func newKeyFile(t testing.TB, file string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}
