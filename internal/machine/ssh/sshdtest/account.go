package sshdtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Account makes a user for the test, with a password.
func Account(t testing.TB, password string) string {
	t.Helper()
	for _, p := range []string{"sudo", "useradd", "chpasswd"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: install sudo and passwd", p)
		}
	}
	name := fmt.Sprintf("pmtest%d", time.Now().UnixNano()%1e9)
	if out, err := exec.Command("useradd", "--create-home", "--shell", "/bin/bash", name).CombinedOutput(); err != nil {
		t.Skipf("needs to make a user: %v: %s", err, out)
	}
	t.Cleanup(func() {
		_ = exec.Command("pkill", "-KILL", "-u", name).Run() // there may be none
		if out, err := exec.Command("userdel", "--remove", "--force", name).CombinedOutput(); err != nil && !strings.Contains(string(out), "mail spool") {
			t.Errorf("%v: %s", err, out)
		}
	})
	set := exec.Command("chpasswd")
	set.Stdin = strings.NewReader(name + ":" + password + "\n")
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

// Sudoers is a rule of sudo for a user, while the test runs.
func Sudoers(t testing.TB, name, rule string) {
	t.Helper()
	file := filepath.Join("/etc/sudoers.d", name)
	if err := os.WriteFile(file, []byte(name+" "+rule+"\n"), 0o440); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(file) })
}
