package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// child is a proofmark that runs in a sandbox.
type child struct {
	*exec.Cmd
	t      testing.TB
	stdout string // files, so that nothing that outlives the child is waited for
	stderr string
}

// command prepares a proofmark with a home.
func (s *sandbox) command(home string, env []string, args ...string) *child {
	s.t.Helper()
	self, err := exec.LookPath("proofmark")
	if err != nil {
		s.t.Fatal(err)
	}
	dir := s.t.TempDir()
	c := &child{exec.Command(s.enter, append([]string{self}, args...)...), s.t, filepath.Join(dir, "stdout"), filepath.Join(dir, "stderr")}
	c.Dir = filepath.Dir(home)
	c.Env = append(os.Environ(), "PROOFMARK_HOME="+home)
	c.Env = append(c.Env, env...)
	out, err := os.Create(c.stdout)
	if err != nil {
		s.t.Fatal(err)
	}
	errs, err := os.Create(c.stderr)
	if err != nil {
		s.t.Fatal(err)
	}
	c.Stdout, c.Stderr = out, errs
	s.t.Cleanup(func() { out.Close(); errs.Close() })
	return c
}

// run runs it to its end; exit is -1 when it was killed.
func (c *child) run() (exit int) {
	c.t.Helper()
	if err := c.Start(); err != nil {
		c.t.Fatal(err)
	}
	return c.wait()
}

func (c *child) wait() (exit int) {
	c.t.Helper()
	err := c.Wait()
	if x := (*exec.ExitError)(nil); err != nil && !errors.As(err, &x) {
		c.t.Fatal(err)
	}
	if ws, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() && ws.Signal() != syscall.SIGKILL {
		c.t.Errorf("ended by %s", ws.Signal())
	}
	return c.ProcessState.ExitCode()
}

// said is all that it wrote.
func (c *child) said() string {
	out, _ := os.ReadFile(c.stdout)
	errs, _ := os.ReadFile(c.stderr)
	return string(out) + string(errs)
}
