package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// TestVerifyOverSSH asks a real server, by what the command line alone says.
func TestVerifyOverSSH(t *testing.T) {
	s := sshdtest.Start(t)
	t.Parallel()
	dir := t.TempDir()
	known := s.KnownHosts
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	holds := write("holds.yaml", "file:\n  "+known+":\n    exists: true\n    filetype: file\ncommand:\n  echo hello:\n    exit-status: 0\n    stdout: [hello]\n")
	fails := write("fails.yaml", "file:\n  "+dir+"/nothing:\n    exists: true\n")
	target := func(known string) string {
		return "ssh://" + s.User + "@" + s.Addr + "?key=" + s.File + "&known_hosts=" + known
	}
	u := user{t, filepath.Join(dir, "home")}
	if said := u.run(exitDone, "proofmark", "verify", "-target", target(known), holds); !strings.Contains(said, " examples, 0 failures") {
		t.Errorf("said:\n%s", said)
	}
	said := u.run(exitRefused, "proofmark", "verify", "-target", target(known), "-target", "local", holds, fails)
	if strings.Count(said, "nothing") < 2 || strings.Contains(said, s.File) {
		t.Errorf("said:\n%s", said)
	}
	// A connection that is lost on the way takes no verdict with it that was known. The
	// command ends the server's process that it descends from.
	lost := write("lost.yaml", "command:\n  a-echo hello:\n    exec: echo hello\n    exit-status: 0\n"+
		"  b-kill:\n    exec: 'p=$$; while ! grep -q ^sshd /proc/$p/comm; do p=$(cut -d\" \" -f4 /proc/$p/stat); done; kill -9 $p'\n    exit-status: 0\n"+
		"  c-echo later:\n    exec: echo later\n    exit-status: 0\n")
	said = u.run(exitRefused, "proofmark", "verify", "-target", target(known), lost)
	if !strings.Contains(said, "3 examples, 0 failures, 2 could not be checked") || !strings.Contains(said, "connection to the machine lost") {
		t.Errorf("said:\n%s", said)
	}
	// A host of which no key is known is not asked.
	said = u.run(exitFailed, "proofmark", "verify", "-target", target(write("none", "")), holds)
	if !strings.Contains(said, "SHA256:") {
		t.Errorf("does not show the fingerprint:\n%s", said)
	}
}

// TestVerifyAsRoot logs in as somebody and asks as root, by a real sudo.
func TestVerifyAsRoot(t *testing.T) {
	if p, err := openProbe(runtime.GOARCH); err != nil {
		t.Skip("needs the probe in the program: make build")
	} else {
		p.Close()
	}
	const password = "it's $ecret & long"
	name := sshdtest.Account(t, password)
	s := sshdtest.Start(t)
	dir := t.TempDir()
	spec := func(helper, text string) string {
		t.Helper()
		dir, err := os.MkdirTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{"spec_helper.rb": "require 'serverspec'\nset :backend, :ssh\n" + helper, "one_spec.rb": "require 'spec_helper'\n" + text} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(dir, "one_spec.rb")
	}
	who := func(user string) string {
		return "describe command('whoami; pwd') do\n its(:stdout) { should eq \"" + user + "\\n/home/" + name + "\\n\" }\nend\n"
	}
	const shadow = "describe file('/etc/shadow') do\n its(:content) { should match(/^root:/) }\nend\n"
	verify := func(t *testing.T, exit int, option, spec string, want ...string) {
		t.Helper()
		u := user{t, filepath.Join(dir, "home")}
		said := u.run(exit, "proofmark", "verify", "-target", "ssh://"+name+"@"+s.Addr+"?key="+s.File+"&known_hosts="+s.KnownHosts+option, spec)
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("does not say %q:\n%s", w, said)
			}
		}
		if strings.Contains(said, password) {
			t.Errorf("shows the password:\n%s", said)
		}
		if left, _ := filepath.Glob("/home/" + name + "/.proofmark-*"); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
	t.Run("not allowed", func(t *testing.T) {
		verify(t, exitRefused, "", spec("", who("root")), "could not be checked", "become root: ", "?sudo=false")
		verify(t, exitDone, "&sudo=false", spec("", who(name)), "1 example, 0 failures")
	})
	t.Run("without a password", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) NOPASSWD: ALL")
		verify(t, exitDone, "", spec("", who("root")+shadow), "2 examples, 0 failures")
		verify(t, exitDone, "", spec("set :disable_sudo, true\n", who(name)), "1 example, 0 failures")
		verify(t, exitRefused, "&sudo=false", spec("", shadow), "1 failure")
		// Both in one file, by turns, in order.
		verify(t, exitDone, "", spec("", "describe 'turns' do\n before(:each) { set :disable_sudo, false }\n"+who("root")+
			" context 'as the login' do\n before(:each) { set :disable_sudo, true }\n"+who(name)+" end\n"+who("root")+"end\n"), "3 examples, 0 failures")
	})
	t.Run("only with a terminal", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) NOPASSWD: ALL\nDefaults:"+name+" requiretty")
		verify(t, exitRefused, "", spec("", who("root")), "could not be checked", "!requiretty")
	})
	t.Run("with a password", func(t *testing.T) {
		sshdtest.Sudoers(t, name, "ALL=(ALL) ALL")
		verify(t, exitRefused, "", spec("", who("root")), "could not be checked", "sudo asks for a password", "PROOFMARK_SUDO_PASSWORD")
		verify(t, exitDone, "", spec("set :sudo_password, \"it's $ecret & long\"\n", who("root")), "1 example, 0 failures")
		verify(t, exitDone, "", spec("set :disable_sudo, true\n", who(name)), "1 example, 0 failures")
		t.Setenv("PROOFMARK_SUDO_PASSWORD", password)
		verify(t, exitDone, "", spec("", who("root")+shadow), "2 examples, 0 failures")
		t.Setenv("PROOFMARK_SUDO_PASSWORD", "wrong")
		verify(t, exitRefused, "", spec("", who("root")), "could not be checked", "sudo does not take the password")
	})
}

// TestVerifyKeepsThePassword from specs and what they run.
func TestVerifyKeepsThePassword(t *testing.T) {
	t.Setenv("PROOFMARK_SUDO_PASSWORD", "hunter2")
	dir := t.TempDir()
	spec := filepath.Join(dir, "env_spec.rb")
	text := "set :backend, :exec\ndescribe \"ENV has #{ENV['PROOFMARK_SUDO_PASSWORD'].inspect}\" do\n" +
		" it('gives it to no command') { expect(command('printenv PROOFMARK_SUDO_PASSWORD').stdout).to eq '' }\nend\n"
	goss := filepath.Join(dir, "goss.yaml")
	for file, text := range map[string]string{spec: text, goss: "command:\n  printenv PROOFMARK_SUDO_PASSWORD:\n    exit-status: {{if index .Env \"PROOFMARK_SUDO_PASSWORD\"}}0{{else}}1{{end}}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u := user{t, filepath.Join(dir, "home")}
	said := u.run(exitDone, "proofmark", "verify", "-target", "local", spec, goss)
	if strings.Contains(said, "hunter2") || !strings.Contains(said, "ENV has nil") {
		t.Errorf("said:\n%s", said)
	}
}
