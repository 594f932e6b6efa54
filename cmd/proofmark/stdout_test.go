package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestStandardOutputThatIsFull: what nobody can read was not done.
func TestStandardOutputThatIsFull(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("needs /dev/full")
	}
	for _, line := range []string{
		"version", "version -machine-readable", "--version", "--help", "schema", "plugins installed", "doctor",
		"inspect null.json", "inspect null.pkr.hcl", "inspect -machine-readable null.json", "inspect -machine-readable missing.json",
		"validate null.json", "validate -machine-readable null.json", "validate -syntax-only null.json", "validate null.json null.pkr.hcl",
		"fix null.json", "hcl2_upgrade -output-file=- null.json", "hcl2_upgrade null.json", "fmt -diff ugly.pkr.hcl", "fmt -",
		"console null.json", "console -machine-readable", "init null.json", "images list", "cache list",
		"build -machine-readable null.json", "build -json null.json",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer full.Close()
			cmd, stderr := here(t, line)
			cmd.Stdout = full
			_ = cmd.Run()
			last := stderr.String()
			if i := strings.LastIndex(strings.TrimSuffix(last, "\n"), "\n"); i >= 0 {
				last = last[i+1:]
			}
			if cmd.ProcessState.ExitCode() != exitFailed || !strings.HasPrefix(last, "Error: write standard output: ") || strings.Count(stderr.String(), "no space left") != 1 {
				t.Errorf("ends with %v\n%s", cmd.ProcessState, stderr)
			}
		})
	}
}

// TestReaderThatGoesAway: no message, and a build goes on to its end.
func TestReaderThatGoesAway(t *testing.T) {
	t.Parallel()
	for line, made := range map[string]string{"schema": "", "build null.json": "made", "build -machine-readable null.json": "made"} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			cmd, stderr := here(t, line)
			cmd.Stdout = w
			_ = cmd.Run()
			w.Close()
			if s := cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signaled() && (s.Signal() != syscall.SIGPIPE || made != "") || stderr.Len() > 0 {
				t.Errorf("ends with %v\n%s", cmd.ProcessState, stderr)
			}
			if made != "" {
				if _, err := os.Stat(filepath.Join(cmd.Dir, made)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// here is a command of this program in a directory with small templates.
func here(t *testing.T, line string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"null.json":    `{ "builders": [{ "type": "null", "communicator": "none" }], "provisioners": [{ "type": "shell-local", "inline": ["echo 1", "touch made"] }] }`,
		"null.pkr.hcl": "source \"null\" \"a\" { communicator = \"none\" }\nbuild { sources = [\"null.a\"] }\n",
		"ugly.pkr.hcl": "locals   {\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, strings.Fields(line)...)
	cmd.Args[0] = "proofmark" // see TestMain
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PROOFMARK_HOME="+filepath.Join(dir, "home"))
	cmd.Stdin = strings.NewReader("x   = 1\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}
