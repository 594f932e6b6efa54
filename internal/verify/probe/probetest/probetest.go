// Package probetest gives tests a probe program.
package probetest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
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
	if err := os.WriteFile(name, program, 0o700); err != nil {
		t.Fatal(err)
	}
	return name
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
