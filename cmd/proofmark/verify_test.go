package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestVerifyLeavesNoProcess ends a run in which a command has a process of its own that
// holds a pipe open: the pipe's end is that process's. However the run ends, so does it.
func TestVerifyLeavesNoProcess(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGKILL": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pipe := filepath.Join(dir, "pipe")
			if err := unix.Mkfifo(pipe, 0o600); err != nil {
				t.Skipf("needs named pipes: %v", err)
			}
			spec := filepath.Join(dir, "goss.yaml")
			text := "command:\n  '(echo up; exec sleep 1000) > " + pipe + " & wait':\n    {exit-status: 0, timeout: 900000}\n"
			if err := os.WriteFile(spec, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			self, err := exec.LookPath("proofmark")
			if err != nil {
				t.Fatal(err)
			}
			report := filepath.Join(dir, "r.json")
			cmd := exec.Command(self, "verify", "--target", "local", "--output", "json="+report, spec)
			cmd.Env = append(os.Environ(), "PROOFMARK_HOME="+filepath.Join(dir, "home"))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(pipe) // waits for the command
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			held := bufio.NewReader(f)
			if line, err := held.ReadString('\n'); err != nil || line != "up\n" {
				t.Fatalf("%q, %v", line, err)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			gone := make(chan struct{})
			go func() { defer close(gone); _, _ = io.ReadAll(held) }()
			_ = cmd.Wait()
			select {
			case <-gone:
			case <-time.After(time.Minute):
				t.Fatal("the process lives on")
			}
			left, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil {
				t.Fatal(err)
			}
			if sig == syscall.SIGKILL {
				if len(left) != 2 {
					t.Errorf("files: %s", left)
				}
				return
			}
			if exit := cmd.ProcessState.ExitCode(); exit != exitFailed {
				t.Errorf("exit status %d", exit)
			}
			said, err := os.ReadFile(report)
			if err != nil {
				t.Fatal(err)
			}
			var d struct {
				Messages []string
				Summary  map[string]float64
			}
			if err := json.Unmarshal(said, &d); err != nil || len(d.Messages) != 1 || !strings.Contains(d.Messages[0], "cancelled by") || d.Summary["errors_outside_of_examples_count"] != 1 {
				t.Errorf("%v: %s", err, said)
			}
		})
	}
}
