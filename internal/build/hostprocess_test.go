package build

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/provision"
)

// What a step of a dead build started on this host is found by its tag alone, also
// where it has left its session, and so are its temporary files.
func TestHostProcessesDestroy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := filepath.Join(dir, provision.TempPrefix("pmtag1")+"x.sh")
	other := filepath.Join(dir, provision.TempPrefix("pmtag2")+"x.sh")
	for _, f := range []string{left, other} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := func(tag string) *exec.Cmd {
		cmd := exec.Command("sleep", "1000")
		cmd.Env = append(os.Environ(), provision.TagEnv+"="+tag)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		return cmd
	}
	ours, theirs := start("pmtag1"), start("pmtag2")
	c := hostProcesses(ledger.Where{whereTemp: dir})
	for range 2 { // the second time there is nothing left
		if err := c.Destroy(t.Context(), "pmtag1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ours.Wait(); err == nil {
		t.Error("the process of the step ended by itself")
	}
	if list, err := tagged("pmtag2"); len(list) != 1 || err != nil || theirs.ProcessState != nil {
		t.Error("the process of another step is gone")
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("the step's temporary file is still there")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// A process that goes on making files until it dies leaves none.
func TestHostProcessesDiesBeforeItsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, provision.TempPrefix("pmtag3")+"x")
	cmd := exec.Command("sh", "-c", `while :; do : > "$0"; echo; done`, file)
	cmd.Env = append(os.Environ(), provision.TagEnv+"=pmtag3")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun
		t.Fatal(err)
	}
	go io.Copy(io.Discard, out)
	if err := hostProcesses(ledger.Where{whereTemp: dir}).Destroy(t.Context(), "pmtag3"); err != nil {
		t.Fatal(err)
	}
	if left, err := tagged("pmtag3"); len(left) > 0 || err != nil {
		t.Errorf("processes %v are left, %v", left, err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("its file is there again")
	}
}
