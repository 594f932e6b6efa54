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
	if out, err := shadow("", "useradd", "--create-home", "--shell", "/bin/bash", name); err != nil {
		t.Skipf("needs to make a user: %v: %s", err, out)
	}
	t.Cleanup(func() {
		_ = exec.Command("pkill", "-KILL", "-u", name).Run() // there may be none
		if out, err := shadow("", "userdel", "--remove", "--force", name); err != nil && !strings.Contains(string(out), "mail spool") {
			t.Errorf("%v: %s", err, out)
		}
	})
	if out, err := shadow(name+":"+password+"\n", "chpasswd"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return name
}

// shadow runs a program that changes the users of this host, anew while another one does so.
func shadow(input, name string, arguments ...string) (out []byte, err error) {
	for range 60 {
		cmd := exec.Command(name, arguments...)
		cmd.Stdin = strings.NewReader(input)
		if out, err = cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "cannot lock") {
			return out, err
		}
		time.Sleep(time.Second)
	}
	return out, err
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
