package connect

import (
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/template"
)

func check(t *testing.T, rules Rules, options string) string {
	t.Helper()
	set := template.NewSet(template.Valid[any]("test", "", func(c Config) error { return c.Check(rules) }))
	file := filepath.Join(t.TempDir(), "t.pkr.hcl")
	if err := os.WriteFile(file, []byte("source \"test\" \"x\" {\n"+options+"\n}\nbuild {\n  sources = [\"source.test.x\"]\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := template.Load(file, template.Options{
		Environ: []string{},
		Check:   func(_ string, b *template.Block) template.Diagnostics { return set.Check(b) },
	})
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), file, "t")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	writeKey(t, key, nil)
	locked := filepath.Join(dir, "locked")
	writeKey(t, locked, []byte("secret"))
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	also := Rules{Default: "docker", Also: []string{"docker"}}
	user := "ssh_username = \"u\"\n"
	tests := []struct {
		name    string
		rules   Rules
		options string
		want    string // part of the errors; "" for none
	}{
		{"user", Rules{}, ``, `block "test" needs option "ssh_username"`},
		{"empty user", Rules{}, `ssh_username = ""`, `t:2:16: option "ssh_username" is empty, but required`},
		{"user of the builder", Rules{User: "root"}, ``, ""},
		{"user known later", Rules{}, `ssh_username = build.User`, ""},
		{"winrm user", Rules{}, `communicator = "winrm"`, `needs option "winrm_username"`},
		{"none", Rules{}, `communicator = "none"`, ""},
		{"communicator known later", Rules{}, `communicator = build.ConnType`, ""},
		{"own default", also, ``, ""},
		{"own by name", also, `communicator = "docker"`, ""},
		{"unknown", also, `communicator = "telnet"`, `communicator: "telnet" is not known: use one of ssh, winrm, none, docker`},
		{"ssh port", Rules{}, user + `ssh_port = 70000`, `t:3:12: ssh_port: 70000 is no port`},
		{"winrm port", Rules{}, "communicator = \"winrm\"\nwinrm_username = \"u\"\nwinrm_port = -1", `winrm_port: -1 is no port`},
		{"key", Rules{}, user + `ssh_private_key_file = "` + key + `"`, ""},
		{"no key file", Rules{}, user + `ssh_private_key_file = "` + key + `x"`, `t:3:24: ssh_private_key_file: open ` + key + `x: no such file`},
		{"locked key", Rules{}, user + `ssh_private_key_file = "` + locked + `"`, `it has a passphrase`},
		{"not a key", Rules{}, user + `ssh_private_key_file = "` + text + `"`, `it is no private key`},
		{"certificate alone", Rules{}, user + `ssh_certificate_file = "` + text + `"`, `ssh_certificate_file: a certificate needs its key`},
		{"not a certificate", Rules{}, user + `ssh_private_key_file = "` + key + "\"\nssh_certificate_file = \"" + text + `"`, `t:4:24: ssh_certificate_file: read certificate`},
		{"bastion", Rules{}, user + `ssh_bastion_host = "b"`, `ssh_bastion_host: a bastion needs ssh_bastion_password`},
		{"bastion with the key", Rules{}, user + "ssh_bastion_host = \"b\"\nssh_private_key_file = \"" + key + `"`, ""},
		{"bastion by agent", Rules{}, user + "ssh_bastion_host = \"b\"\nssh_bastion_agent_auth = true", ""},
		{"bastion key", Rules{}, user + "ssh_bastion_host = \"b\"\nssh_bastion_private_key_file = \"" + text + `"`, `ssh_bastion_private_key_file: read key`},
		{"bastion certificate alone", Rules{}, user + `ssh_bastion_certificate_file = "c"`, `give ssh_bastion_private_key_file too`},
		{"bastion port", Rules{}, user + "ssh_bastion_host = \"b\"\nssh_bastion_agent_auth = true\nssh_bastion_port = 65536", `ssh_bastion_port: 65536`},
		{"bastion and proxy", Rules{}, user + "ssh_bastion_host = \"b\"\nssh_bastion_agent_auth = true\nssh_proxy_host = \"p\"", `ssh_proxy_host: excludes ssh_bastion_host`},
		{"transfer", Rules{}, user + `ssh_file_transfer_method = "ftp"`, `"ftp" is not known: use scp or sftp`},
		{"tunnels", Rules{}, user + `ssh_remote_tunnels = ["8080:localhost:80", "8081:[::1]:81"]`, ""},
		{"remote tunnel", Rules{}, user + `ssh_remote_tunnels = ["8080"]`, `ssh_remote_tunnels: tunnel "8080": is not of the form port:host:port`},
		{"local tunnel", Rules{}, user + `ssh_local_tunnels = ["8080:host:http"]`, `ssh_local_tunnels: tunnel "8080:host:http": "http" is no port`},
		{"key type", Rules{}, user + `temporary_key_pair_type = "rsa2"`, `"rsa2" is not known: use rsa, ecdsa, ed25519 or dsa`},
		{"key bits", Rules{}, user + "temporary_key_pair_type = \"ecdsa\"\ntemporary_key_pair_bits = 2048", `an ecdsa key has 256, 384 or 521 bits, not 2048`},
		{"short key", Rules{}, user + `temporary_key_pair_bits = 512`, `an rsa key has 1024 bits or more`},
		{"of the other communicator", Rules{}, "communicator = \"winrm\"\nwinrm_username = \"u\"\nssh_private_key_file = \"missing\"", ""},
		{"several at once", Rules{}, "ssh_port = 70000\nssh_file_transfer_method = \"ftp\"", `ssh_username`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := check(t, tt.rules, tt.options)
			if !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
				t.Errorf("got\n%s\nwant %q", got, tt.want)
			}
		})
	}
	all := check(t, Rules{}, "ssh_port = 70000\nssh_file_transfer_method = \"ftp\"")
	for _, part := range []string{"ssh_port:", "ssh_file_transfer_method:", `"ssh_username"`} {
		if !strings.Contains(all, part) {
			t.Errorf("nothing of %s in\n%s", part, all)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		c        SSH
		timeout  time.Duration
		attempts int
	}{
		{SSH{}, 5 * time.Minute, 10},
		{SSH{Timeout: time.Hour}, time.Hour, 0},
		{SSH{WaitTimeout: time.Hour}, time.Hour, 0},
		{SSH{HandshakeAttempts: 3}, 0, 3},
	}
	for _, tt := range tests {
		if timeout, attempts := tt.c.Limits(); timeout != tt.timeout || attempts != tt.attempts {
			t.Errorf("%v, %d of %v, %d", timeout, attempts, tt.timeout, tt.attempts)
		}
	}
	for port, c := range map[int]WinRM{5985: {}, 5986: {UseSSL: true}, 7: {UseSSL: true, Port: 7}} {
		if got := c.PortOrDefault(); got != port {
			t.Errorf("port %d, want %d", got, port)
		}
	}
}

func writeKey(t *testing.T, path string, passphrase []byte) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var block *pem.Block
	if passphrase == nil {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", passphrase)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
}
