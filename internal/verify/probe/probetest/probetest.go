// Package probetest gives tests a probe program, and a system to ask about.
package probetest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/proofmark-build/proofmark/internal/exectest"
)

// Build builds the probe for the host's architecture, once for each test process,
// and returns what verify.Options.Probe wants. The program is held in memory.
func Build(t testing.TB) func(arch string) (io.ReadCloser, error) {
	t.Helper()
	program, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return func(arch string) (io.ReadCloser, error) {
		if arch != runtime.GOARCH {
			return nil, fmt.Errorf("open probe for linux/%s: the test has built one for %s only", arch, runtime.GOARCH)
		}
		return io.NopCloser(bytes.NewReader(program)), nil
	}
}

// File writes the probe into a directory of the test's and returns its path.
func File(t testing.TB) string {
	t.Helper()
	Build(t)
	program, _ := once()
	name := filepath.Join(t.TempDir(), "proofmark-probe")
	if err := exectest.WriteFile(name, program, 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// Tree returns a Debian tree with systemd, which is only read: what
// $PROOFMARK_TEST_BASE or build/base.tar holds, a directory or an archive. It skips
// the test where there is none.
func Tree(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("unpacks a Debian tree: not with -short")
	}
	base := os.Getenv("PROOFMARK_TEST_BASE")
	if base == "" {
		out, err := exec.Command("go", "env", "GOMOD").Output()
		if err != nil {
			t.Fatal(err)
		}
		base = filepath.Join(filepath.Dir(strings.TrimSpace(string(out))), "build", "base.tar")
	}
	base, err := filepath.Abs(base)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(base)
	if err != nil {
		t.Skip("no Debian tree: run make test, or name a tree or a tar archive of one in PROOFMARK_TEST_BASE: ", err)
	}
	if !info.IsDir() {
		archive := base
		base = t.TempDir()
		if err := os.Chmod(base, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("tar", "-C", base, "--exclude=./dev/*", "-xf", archive).CombinedOutput(); err != nil {
			t.Fatalf("unpack %s: %v\n%s", archive, err, out)
		}
	}
	if _, err := os.Stat(filepath.Join(base, "usr/lib/systemd/systemd")); err != nil {
		t.Fatalf("the tree has no systemd: %v", err)
	}
	return base
}

var once = sync.OnceValues(build)

func build() ([]byte, error) {
	dir, err := os.MkdirTemp("", "probetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "probe")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", out, "github.com/proofmark-build/proofmark/cmd/proofmark-probe")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build probe: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}
