package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/proofmark-build/proofmark/internal/verify/probebin"
)

// The test binary is proofmark itself when it is called by that name, so that
// tests need no other.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"proofmark": main})
}

// tidy removes what all tests shared when they are over.
type tidy struct{ m *testing.M }

func (t tidy) Run() int {
	defer os.RemoveAll(shared())
	return t.m.Run()
}

// shared is a directory of this test process's own.
func shared() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("proofmark-test-%d", os.Getpid()))
}

// soak asks for the long form of tests that enumerate.
func soak() bool { return os.Getenv("PROOFMARK_SOAK") != "" }

// needMachines leaves out what really builds: in the short form, and where it
// cannot work.
func needMachines(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds real images: left out by -short")
	}
	if os.Geteuid() != 0 {
		t.Skip("builds real images: needs root")
	}
	if baseArchive() == "" {
		t.Skip("builds real images: needs PROOFMARK_TEST_BASE, a tar archive of a Debian 12 tree (make test makes it)")
	}
	for _, p := range []string{"systemd-nspawn", "nft", "nsenter", "unshare", "ip", "setpriv"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("builds real images: needs %s (make need-test)", p)
		}
	}
	if r, err := probebin.Open(runtime.GOARCH); errors.Is(err, probebin.ErrMissing) {
		t.Skipf("builds real images: %v", err)
	} else if err == nil {
		r.Close()
	}
}

func baseArchive() string { return os.Getenv("PROOFMARK_TEST_BASE") }
