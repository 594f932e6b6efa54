package main

import (
	"os"
	"path/filepath"
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
