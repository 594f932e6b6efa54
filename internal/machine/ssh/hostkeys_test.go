package ssh

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func TestHostKeys(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	shown := ssh.FingerprintSHA256(s.host.PublicKey())
	other := newKey(t)
	line := func(key ssh.PublicKey) string { return knownhosts.Line([]string{s.addr}, key) + "\n" }
	authority := newKey(t)
	tests := []struct {
		name    string
		known   string
		unknown bool
		want    []string // nil: let in
	}{
		{name: "known", known: line(s.host.PublicKey())},
		{name: "one of several", known: line(other.PublicKey()) + line(s.host.PublicKey())},
		{name: "hashed", known: strings.Replace(line(s.host.PublicKey()), knownhosts.Normalize(s.addr), knownhosts.HashHostname(knownhosts.Normalize(s.addr)), 1)},
		{name: "unknown", known: "", want: []string{shown, "knows none for it", "ssh-keyscan -p", "known_hosts"}},
		{name: "unknown and taken", known: "", unknown: true},
		{name: "changed", known: line(other.PublicKey()), want: []string{"has changed", shown, ssh.FingerprintSHA256(other.PublicKey()), ":1)", "ssh-keygen -f"}},
		{name: "changed though unknown ones are taken", known: line(other.PublicKey()), unknown: true, want: []string{"has changed"}},
		{name: "revoked", known: "@revoked * " + string(ssh.MarshalAuthorizedKey(s.host.PublicKey())), want: []string{"revokes"}},
		{name: "authority of another", known: "@cert-authority * " + string(ssh.MarshalAuthorizedKey(authority.PublicKey())), want: []string{"knows none for it"}},
		{name: "no file of that form", known: "one two\n", want: []string{"read known hosts"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "known_hosts")
			if err := os.WriteFile(file, []byte(tt.known), 0o600); err != nil {
				t.Fatal(err)
			}
			o := s.options()
			o.HostKeys, o.Wait = KnownHosts(tt.unknown, file), time.Second
			c, err := Dial(t.Context(), o)
			if err == nil {
				c.Close()
			}
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("%v", err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v, want %q", err, w)
				}
			}
		})
	}
}

// TestHostCertificate: a key that an authority signed is taken for its sake.
func TestHostCertificate(t *testing.T) {
	t.Parallel()
	authority := newKey(t)
	s := startServer(t, func(x *server) {
		cert := &ssh.Certificate{Key: x.host.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity}
		if err := cert.SignCert(zeroes{}, authority); err != nil {
			t.Fatal(err)
		}
		signer, err := ssh.NewCertSigner(cert, x.host)
		if err != nil {
			t.Fatal(err)
		}
		x.AddHostKey(signer)
	})
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte("@cert-authority * "+string(ssh.MarshalAuthorizedKey(authority.PublicKey()))), 0o600); err != nil {
		t.Fatal(err)
	}
	o := s.options()
	o.HostKeys = KnownHosts(false, file)
	dial(t, o)
}

// TestPinnedHostKey: the first key that a machine shows is held.
func TestPinnedHostKey(t *testing.T) {
	t.Parallel()
	keys := PinHostKeys()
	a, b := newKey(t).PublicKey(), newKey(t).PublicKey()
	if err := keys.check("h:22", a); err != nil {
		t.Error(err)
	}
	if err := keys.check("h:22", a); err != nil {
		t.Error(err)
	}
	if err := keys.check("h:22", b); err == nil || !strings.Contains(err.Error(), ssh.FingerprintSHA256(b)) || !strings.Contains(err.Error(), ssh.FingerprintSHA256(a)) {
		t.Errorf("%v", err)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
