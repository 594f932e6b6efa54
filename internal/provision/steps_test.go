package provision

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/template"
)

// connect starts a fake machine.
func connect(t *testing.T, c fake.Config) machine.Communicator {
	t.Helper()
	c.Home = t.TempDir()
	b, err := fake.New(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	scope := l.Scope("run", fake.Kind, nil)
	m, err := b.Start(t.Context(), machine.Env{Res: scope, Out: &record{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := scope.Close(context.Background()); err != nil {
			t.Error(err)
		}
		l.Close()
	})
	com, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return com
}

// TestSteps runs a template's steps in a machine: default paths, a restart in the
// middle, trees in both directions.
func TestSteps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/site/index.html", "<h1>", 0o644)
	write(t, dir+"/site/img/a.svg", "<svg>", 0o644)
	write(t, dir+"/install.sh", "#!/bin/sh\nset -e\nmkdir -p /srv/www /var/log/app\necho $LEVEL >/var/log/app/level\n", 0o644)
	file := write(t, dir+"/t.pkr.hcl", `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" {
    scripts          = ["`+dir+`/install.sh"]
    environment_vars = ["LEVEL=it's \"high\""]
  }
  provisioner "file" {
    source      = "`+dir+`/site"
    destination = "/srv/www/"
  }
  provisioner "shell" {
    inline            = ["reboot", "sleep 100"]
    expect_disconnect = true
  }
  provisioner "shell" {
    inline = ["cat /srv/www/site/index.html /srv/www/site/img/a.svg", "ls /tmp >&2"]
  }
  provisioner "shell-local" {
    inline = ["mkdir `+dir+`/out"]
  }
  provisioner "file" {
    direction   = "download"
    source      = "/var/log/app/"
    destination = "`+dir+`/out"
  }
  provisioner "file" {
    content     = "home"
    destination = "~/note"
  }
  provisioner "file" {
    direction   = "download"
    source      = "~/note"
    destination = "`+dir+`/out/"
  }
  provisioner "shell" {
    inline      = ["test -f /root/run.sh"]
    remote_path = "~/run.sh"
  }
}
`, 0o644)
	tpl, err := template.Load(file, template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, fake.Config{})
	run, log := run(t)
	for _, s := range tpl.Builds[0].Provisioners {
		p, err := kinds().Open(s.Block, map[string]string{})
		if err != nil {
			t.Fatal(err)
		}
		if err := RunStep(t.Context(), s, p, run, c); err != nil {
			t.Fatalf("%s: %v", s.Pos, err)
		}
	}
	if got := log.output.String(); !strings.HasPrefix(got, "<h1><svg>script_") || strings.Count(got, "\n") != 1 {
		t.Errorf("output %q", got)
	}
	if b, _ := os.ReadFile(dir + "/out/level"); string(b) != "it's \"high\"\n" {
		t.Errorf("downloaded %q", b)
	}
	if b, _ := os.ReadFile(dir + "/out/note"); string(b) != "home" {
		t.Errorf("downloaded %q", b)
	}
	var left bytes.Buffer
	if _, err := c.Run(t.Context(), machine.Command{Line: "ls /tmp; ls /root | grep run", Stdout: &left}); err != nil || left.Len() > 0 {
		t.Errorf("left: %q, %v", left.String(), err)
	}
	for _, want := range []string{"Provisioning with shell script: " + dir + "/install.sh", "Uploading " + dir + "/site => /srv/www/", "lost, as expected", "Downloading /var/log/app/ => " + dir + "/out"} {
		if !strings.Contains(log.said(), want) {
			t.Errorf("did not say %q in\n%s", want, log.said())
		}
	}
}

// TestStepsDisconnected: a connection that breaks is never taken for success.
func TestStepsDisconnected(t *testing.T) {
	t.Parallel()
	for _, op := range []string{fake.OpRun, fake.OpRunDone, fake.OpPut} {
		c := connect(t, fake.Config{Fault: fake.FailNth(op, 0, fmt.Errorf("broken: %w", machine.ErrDisconnected))})
		config := inline("true")
		config.RemoteFolder, config.SkipClean, config.StartRetryTimeout = "/tmp", true, 1
		s, _ := newShell(t, config)
		run, _ := run(t)
		if err := s.Provision(t.Context(), run, c); err == nil {
			t.Errorf("%s: a lost connection became success", op)
		}
	}
}
