package ssh

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

func TestSudo(t *testing.T) {
	const password = "it's $ecret & long"
	name := sshdtest.Account(t, password)
	s := sshdtest.Start(t, "PasswordAuthentication yes")
	o := options(s)
	o.User = name
	o.Auth = Auth{Password: password}
	ask := func(t *testing.T, o Options, cmd machine.Command) (string, int, error) {
		t.Helper()
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		exit, err := dial(t, o).Run(t.Context(), cmd)
		return out.String(), exit, err
	}
	root := machine.Command{
		Line: `read line; echo "$(id -un) $(pwd) $SECRET $line"; exit 3`, User: "root",
		Env: map[string]string{"SECRET": "a 'b'\nc"}, Stdin: strings.NewReader("input\n"),
	}
	const want = "root /root a 'b'\nc input\n"
	t.Run("none", func(t *testing.T) {
		out, exit, err := ask(t, o, machine.Command{Line: "echo $(id -un) $(pwd)", User: name})
		if out != name+" /home/"+name+"\n" || exit != 0 || err != nil {
			t.Errorf("%q, exit %d, %v", out, exit, err)
		}
	})
	t.Run("not allowed", func(t *testing.T) {
		if _, _, err := ask(t, o, root); err == nil || !strings.Contains(err.Error(), "become root: ") {
			t.Errorf("%v", err)
		}
	})
	t.Run("without a password", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) NOPASSWD: ALL")
		for _, given := range []string{"", password} {
			o := o
			o.SudoPassword = given
			root.Stdin = strings.NewReader("input\n")
			if out, exit, err := ask(t, o, root); out != want || exit != 3 || err != nil {
				t.Errorf("%q, exit %d, %v", out, exit, err)
			}
		}
		if out, _, err := ask(t, o, machine.Command{Line: "id -un; pwd", User: "nobody"}); out != "nobody\n/\n" || err != nil {
			t.Errorf("%q, %v", out, err)
		}
		if _, _, err := ask(t, o, machine.Command{Line: "id", User: "no-such-user"}); err == nil {
			t.Error("ran as a user who is not there")
		}
		// What root runs is not the login's to kill.
		c := dial(t, o)
		ctx, cancel := context.WithCancel(t.Context())
		beat := filepath.Join(t.TempDir(), "beat")
		_, err := c.Run(ctx, machine.Command{Line: "echo; while :; do echo x >>" + beat + "; sleep 0.02; done", User: "root", Stdout: writerFunc(func([]byte) { cancel() })})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		before, _ := os.ReadFile(beat)
		if _, err := c.Run(t.Context(), machine.Command{Line: "sleep 0.3"}); err != nil {
			t.Error(err)
		}
		if after, _ := os.ReadFile(beat); len(after) != len(before) {
			t.Error("the command of root goes on")
		}
	})
	t.Run("with a password", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) ALL")
		o := o
		o.SudoPassword = password
		root.Stdin = strings.NewReader("input\n")
		if out, exit, err := ask(t, o, root); out != want || exit != 3 || err != nil {
			t.Errorf("%q, exit %d, %v", out, exit, err)
		}
		if out, exit, err := ask(t, o, machine.Command{Line: "id -un", User: "root", PTY: true}); !strings.HasSuffix(out, "root\r\n") || exit != 0 || err != nil {
			t.Errorf("%q, exit %d, %v", out, exit, err)
		}
		o.SudoPassword, o.AskSudo = "", func(context.Context) (string, error) { return password, nil }
		root.Stdin = strings.NewReader("input\n")
		if out, exit, err := ask(t, o, root); out != want || exit != 3 || err != nil {
			t.Errorf("%q, exit %d, %v", out, exit, err)
		}
		o.begin = 3 * time.Second
		o.AskSudo = func(context.Context) (string, error) { // by somebody who types slowly
			time.Sleep(o.begin + time.Second/2)
			return password, nil
		}
		root.Stdin = strings.NewReader("input\n")
		if out, exit, err := ask(t, o, root); out != want || exit != 3 || err != nil {
			t.Errorf("%q, exit %d, %v", out, exit, err)
		}
		o.begin = 0
		none := errors.New("nobody knows it")
		o.AskSudo = func(context.Context) (string, error) { return "", none }
		if _, _, err := ask(t, o, root); !errors.Is(err, none) || !errors.Is(err, machine.ErrBecome) {
			t.Errorf("%v", err)
		}
		o.SudoPassword, o.AskSudo = "wrong", nil
		if _, _, err := ask(t, o, root); !errors.Is(err, errPassword) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%v", err)
		}
		o.SudoPassword = ""
		if _, _, err := ask(t, o, root); err == nil || !strings.Contains(err.Error(), "a password is required; give sudo's password") {
			t.Errorf("%v", err)
		}
	})
	t.Run("only with a terminal", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) NOPASSWD: ALL\nDefaults:"+name+" requiretty")
		if _, _, err := ask(t, o, root); !errors.Is(err, machine.ErrBecome) || !strings.Contains(err.Error(), "!requiretty") {
			t.Errorf("%v", err)
		}
	})
	t.Run("wrong login password", func(t *testing.T) {
		o := o
		o.Auth.Password, o.Wait = "wrong", 0
		if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "refuses the login of "+name) {
			t.Errorf("%v", err)
		}
	})
	t.Run("no shell", func(t *testing.T) {
		if out, err := exec.Command("usermod", "--shell", "/usr/sbin/nologin", name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if _, _, err := ask(t, o, machine.Command{Line: "true"}); err == nil || !strings.Contains(err.Error(), "runs no shell") || !strings.Contains(err.Error(), "not available") {
			t.Errorf("%v", err)
		}
	})
}
