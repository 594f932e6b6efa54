package main

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestInterruptedTwiceWithoutTraces: a command that leaves nothing does not speak of a
// clean-up.
func TestInterruptedTwiceWithoutTraces(t *testing.T) {
	t.Parallel()
	for args, leaves := range map[string]bool{"validate -": false, "console": false, "build -": true, "-machine-readable shell -": true} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("proofmark", strings.Fields(args)...)
			cmd.Env = append(cmd.Environ(), "PROOFMARK_HOME="+t.TempDir())
			in, err := cmd.StdinPipe() // is waited for
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			// It listens when it has begun to read.
			if _, err := in.Write(make([]byte, 1<<17)); err != nil {
				t.Fatal(err)
			}
			said := bufio.NewScanner(out)
			for _, want := range []string{"", "Cancelling after receiving interrupt; once more ends at once."} {
				if want != "" {
					for said.Scan() && said.Text() != want {
					}
					if said.Text() != want {
						t.Fatalf("said %q", said.Text())
					}
				}
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			rest := ""
			for said.Scan() {
				rest += said.Text()
			}
			cmd.Wait()
			if got := strings.Contains(rest, "clean-up"); got != leaves || cmd.ProcessState.ExitCode() != exitFailed {
				t.Errorf("%v: %q", cmd.ProcessState, rest)
			}
		})
	}
}
