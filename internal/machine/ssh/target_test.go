package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Target
		err  string
	}{
		{text: "ssh://web1", want: Target{Host: "web1"}},
		{text: "ssh://deploy@web1.example.com:2222?key=~/.ssh/id&known_hosts=/etc/known", want: Target{Host: "web1.example.com", Port: 2222, User: "deploy", Key: "~/.ssh/id", KnownHosts: "/etc/known"}},
		{text: "ssh://root@[2001:db8::1]:22/", want: Target{Host: "2001:db8::1", Port: 22, User: "root"}},
		{text: "ssh://h?key=a+b%20c%26d", want: Target{Host: "h", Key: "a+b c&d"}},
		{text: "ssh://u@h?sudo=false", want: Target{Host: "h", User: "u", NoSudo: true}},
		{text: "ssh://u@h?sudo=true", want: Target{Host: "h", User: "u"}},
		{text: "ssh://h?sudo=no", err: "write true or false"},
		{text: "ssh://my_alias", want: Target{Host: "my_alias"}},
		{text: "web1", err: "does not begin with ssh://"},
		{text: "http://web1", err: "does not begin with ssh://"},
		{text: "ssh://", err: "has no host"},
		{text: "ssh://-oProxyCommand=x", err: "has no host"},
		{text: "ssh://h:", err: "has no port after the colon"},
		{text: "ssh://h:0", err: "is no port"},
		{text: "ssh://h:70000", err: "is no port"},
		{text: "ssh://h:ssh", err: "invalid port"},
		{text: "ssh://@h", err: "has no user"},
		{text: "ssh://u:hidden@h", err: "holds a password"},
		{text: "ssh://u:hidden@h:x", err: "invalid port"},
		{text: "ssh://h/path", err: "has a path"},
		{text: "ssh://h#x", err: "has a #"},
		{text: "ssh://h?kye=x", err: `option "kye" is not known: there are key, known_hosts and sudo`},
		{text: "ssh://h?key=", err: "names no file"},
		{text: "ssh://h?key=a&key=b", err: "stands there twice"},
		{text: "ssh://h?key=%zz", err: "option key"},
	}
	for _, tt := range tests {
		got, err := ParseTarget(tt.text)
		switch {
		case tt.err == "" && (err != nil || got != tt.want):
			t.Errorf("%s: %+v, %v", tt.text, got, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), "ssh://user@host:port")):
			t.Errorf("%s: %v, want %q", tt.text, err, tt.err)
		case err != nil && strings.Contains(err.Error(), "hidden"):
			t.Errorf("%s: tells the password: %v", tt.text, err)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"ssh://u@h:1?key=a&known_hosts=b", "ssh://[::1]", "ssh://h?key=%20", "ssh://u%40x@h", "ssh://h%25eth0", "ssh://[fe80::1%25eth0]:3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := ParseTarget(s)
		if err != nil {
			return
		}
		again, err := ParseTarget(target.String())
		if err != nil || again != target {
			t.Errorf("%q is %+v, which as %q is %+v, %v", s, target, target, again, err)
		}
	})
}

const clientConfig = `
Host web
  HostName web.example.com
  User deploy
  Port 2200
  IdentityFile ~/.ssh/%h-%r
  IdentityFile "/keys/two words"
  IdentitiesOnly yes
  ProxyJump admin@gate:2022,inner
  ConnectTimeout 7
  ServerAliveInterval 9
  UserKnownHostsFile /one /two
  Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com
  IdentityAgent none
Include more
Host gate
  User ignored
  HostKeyAlias the-gate
Match host m*
  User matched
Host circle
  ProxyJump circle
Host command
  ProxyCommand nc %h %p
Host *
  User everybody
`

func clientFiles(t *testing.T, config string) ClientFiles {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return ClientFiles{Configs: []string{file, "/no/such/file"}, Keys: []string{"/keys/id"}, Known: []string{"/known"}, Agent: "/agent", User: "me"}
}

// TestClientFiles: what OpenSSH's files say of a host counts, and the target over it.
func TestClientFiles(t *testing.T) {
	t.Parallel()
	f := clientFiles(t, clientConfig)
	resolve := func(text string) (Options, error) {
		target, err := ParseTarget(text)
		if err != nil {
			t.Fatal(err)
		}
		return target.Options(f)
	}
	o, err := resolve("ssh://web")
	if err != nil {
		t.Fatal(err)
	}
	via := o.Via
	if via == nil || via.Via == nil {
		t.Fatalf("%+v", o)
	}
	for _, d := range []string{
		cmp.Diff("web.example.com:2200", o.Addr), cmp.Diff("deploy", o.User),
		cmp.Diff([]string{"~/.ssh/web.example.com-deploy", "/keys/two words"}, o.Auth.Files), cmp.Diff(true, o.Auth.OnlyFiles), cmp.Diff("", o.Auth.Agent),
		cmp.Diff(7*time.Second, o.ConnectTimeout), cmp.Diff(9*time.Second, o.KeepAlive),
		cmp.Diff([]string{"/one", "/two"}, o.HostKeys.(*known).files), cmp.Diff([]string{"aes256-gcm@openssh.com", "aes128-gcm@openssh.com"}, o.Ciphers),
		cmp.Diff("inner:22", via.Addr), cmp.Diff("everybody", via.User), cmp.Diff([]string{"/keys/id"}, via.Auth.Files),
		cmp.Diff("gate:2022", via.Via.Addr), cmp.Diff("admin", via.Via.User), cmp.Diff("the-gate:22", via.Via.KnownAs), cmp.Diff("/agent", via.Via.Auth.Agent),
	} {
		if d != "" {
			t.Error(d)
		}
	}
	if o, err := resolve("ssh://root@web:22"); err != nil || o.Addr != "web.example.com:22" || o.User != "root" {
		t.Errorf("%s, %s, %v", o.Addr, o.User, err)
	}
	if o, err := resolve("ssh://m1"); err != nil || o.User != "matched" || o.Addr != "m1:22" {
		t.Errorf("%s, %s, %v", o.Addr, o.User, err)
	}
	for text, want := range map[string]string{
		"ssh://circle":                  "lead in a circle",
		"ssh://command":                 "ProxyCommand for command, which is not supported: use ProxyJump",
		"ssh://web?key=/no/such/key":    "key: open /no/such/key: no such file",
		"ssh://web?known_hosts=/no/one": "known_hosts: open /no/one: no such file",
	} {
		if _, err := resolve(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	f = clientFiles(t, "Match exec true\n  User x\n")
	if _, err := resolve("ssh://web"); err == nil || !strings.Contains(err.Error(), f.Configs[0]) {
		t.Errorf("%v", err)
	}
	f = clientFiles(t, "")
	if o, err := resolve("ssh://web"); err != nil || o.User != "me" || o.Auth.OnlyFiles {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestTarget: from the text to a command in the machine.
func TestTarget(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t)
	dial(t, options(s)) // now it is up
	host, port, _ := strings.Cut(s.Addr, ":")
	f := clientFiles(t, "Host alias\n  HostName "+host+"\n  Port "+port+"\n  User "+s.User+"\n  IdentityFile "+s.File+"\n")
	f.Agent = ""
	for _, text := range []string{
		"ssh://" + s.User + "@" + s.Addr + "?key=" + s.File + "&known_hosts=" + s.KnownHosts,
		"ssh://alias?known_hosts=" + s.KnownHosts,
	} {
		target, err := ParseTarget(text)
		if err != nil {
			t.Fatal(err)
		}
		o, err := target.Options(f)
		if err != nil {
			t.Fatal(err)
		}
		if exit, err := dial(t, o).Run(t.Context(), machine.Command{Line: "exit 9"}); exit != 9 || err != nil {
			t.Errorf("%s: exit %d, %v", text, exit, err)
		}
	}
	target := Target{Host: "alias"}
	o, err := target.Options(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "/known knows none for it") {
		t.Errorf("%v", err)
	}
}
