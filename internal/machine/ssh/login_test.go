package ssh

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// serveAgent serves an agent that holds the keys on a socket.
func serveAgent(t *testing.T, keys ...any) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, k := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: k}); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := os.MkdirTemp("", "agent") // names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = agent.ServeAgent(ring, c)
				c.Close()
			}()
		}
	}()
	return path
}

func works(t *testing.T, o Options) *Communicator {
	t.Helper()
	c := dial(t, o)
	if exit, err := c.Run(t.Context(), machine.Command{Line: "exit 5"}); exit != 5 || err != nil {
		t.Fatalf("exit %d, %v", exit, err)
	}
	return c
}

// TestLogins: every way to log in, against the real server.
func TestLogins(t *testing.T) {
	t.Parallel()
	authority := newKey(t)
	ca := filepath.Join(t.TempDir(), "ca.pub")
	if err := os.WriteFile(ca, ssh.MarshalAuthorizedKey(authority.PublicKey()), 0o644); err != nil {
		t.Fatal(err)
	}
	s := sshdtest.Start(t, "TrustedUserCAKeys "+ca, "MaxAuthTries 3")

	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(ec, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	ecSigner, _ := ssh.NewSignerFromKey(ec)
	rsSigner, _ := ssh.NewSignerFromKey(rs)
	s.Authorize(t, ecSigner.PublicKey(), rsSigner.PublicKey())
	dir := t.TempDir()
	file := func(name string, block *pem.Block) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := map[string]string{
		"PKCS 1": file("pkcs1", &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rs)}),
		"PKCS 8": file("pkcs8", &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}),
		"locked": file("locked", locked),
	}
	certified := newKey(t)
	cert := &ssh.Certificate{Key: certified.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{s.User}, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	withCert := filepath.Join(dir, "certified")
	certified = sshdtest.NewKey(t, withCert)
	cert.Key = certified.PublicKey()
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(withCert+"-cert.pub", ssh.MarshalAuthorizedKey(cert), 0o644); err != nil {
		t.Fatal(err)
	}

	base := options(s)
	phrase := func(string) ([]byte, error) { return []byte("open sesame"), nil }
	many := []string{}
	for range 5 {
		path := filepath.Join(dir, "other"+string(rune('a'+len(many))))
		sshdtest.NewKey(t, path)
		many = append(many, path)
	}
	tests := map[string]struct {
		auth Auth
		want string
	}{
		"PKCS 1":                  {auth: Auth{Files: []string{files["PKCS 1"]}}},
		"PKCS 8":                  {auth: Auth{Files: []string{files["PKCS 8"]}}},
		"passphrase":              {auth: Auth{Files: []string{files["locked"]}, Passphrase: phrase}},
		"no passphrase":           {auth: Auth{Files: []string{files["locked"]}}, want: "has a passphrase: add it to the agent with ssh-add"},
		"wrong passphrase":        {auth: Auth{Files: []string{files["locked"]}, Passphrase: func(string) ([]byte, error) { return []byte("x"), nil }}, want: "the passphrase is wrong"},
		"locked, agent has it":    {auth: Auth{Files: []string{files["locked"]}, Agent: serveAgent(t, ec), OnlyFiles: true}},
		"agent":                   {auth: Auth{Agent: serveAgent(t, rs)}},
		"certificate":             {auth: Auth{Files: []string{withCert}}},
		"file that is not there":  {auth: Auth{Files: []string{filepath.Join(dir, "none"), files["PKCS 8"]}}},
		"no agent":                {auth: Auth{Agent: filepath.Join(dir, "none")}, want: "the agent cannot be asked"},
		"empty agent":             {auth: Auth{Agent: serveAgent(t)}, want: "add one with ssh-add"},
		"nothing to try":          {auth: Auth{}, want: "nothing that it takes was there to try"},
		"too many keys":           {auth: Auth{Files: append(many, files["PKCS 8"])}, want: "refuses the login of"},
		"too many, the right one": {auth: Auth{Files: []string{files["PKCS 8"]}, OnlyFiles: true, Agent: serveAgent(t)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := base
			o.Auth = tt.auth
			o.Wait = 0
			if name == "PKCS 1" {
				o.Wait = base.Wait // the server may be starting
			}
			if tt.want == "" {
				works(t, o)
				return
			}
			if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	t.Run("endpoint", func(t *testing.T) {
		o := base
		o.Auth = Auth{Files: append(many[:1:1], files["PKCS 8"])}
		addr, user, key := works(t, o).Endpoint()
		if addr != s.Addr || user != s.User || !sameKey(key.PublicKey(), ecSigner.PublicKey()) {
			t.Errorf("%s, %s, %v", addr, user, key)
		}
	})
	t.Run("forwarded agent", func(t *testing.T) {
		o := base
		o.Auth = Auth{Files: []string{files["PKCS 8"]}}
		o.ForwardAgent = serveAgent(t, rs)
		var out bytes.Buffer
		if _, err := dial(t, o).Run(t.Context(), machine.Command{Line: "ssh-add -l", Stdout: &out, Stderr: &out}); err != nil ||
			!strings.Contains(out.String(), ssh.FingerprintSHA256(rsSigner.PublicKey())) {
			t.Errorf("%v, %q", err, out.String())
		}
	})
}

// TestInteractive: a password in answer to a question, in process: the real server
// asks PAM.
func TestInteractive(t *testing.T) {
	t.Parallel()
	s := startServer(t, func(x *server) {
		x.PublicKeyCallback = nil
		x.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Shown: ", "Password: "}, []bool{true, false})
			if err != nil || len(answers) != 2 || answers[0] != "" || answers[1] != "let me in" {
				return nil, os.ErrPermission
			}
			return nil, nil
		}
	})
	o := s.options()
	o.Auth = Auth{Password: "let me in"}
	works(t, o)
	o.Auth.Password = "wrong"
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), `password in answer to "Shown:"`) {
		t.Errorf("%v", err)
	}
}

// TestJumpHosts: through one server to another, and through two.
func TestJumpHosts(t *testing.T) {
	t.Parallel()
	one, two, three := sshdtest.Start(t), sshdtest.Start(t), sshdtest.Start(t)
	for _, s := range []*sshdtest.Server{one, two, three} {
		dial(t, options(s)) // now it is up
	}
	first, second, last := options(one), options(two), options(three)
	second.Via = &first
	last.Via, last.Wait = &second, 0
	c := works(t, last)
	var out bytes.Buffer
	if _, err := c.Run(t.Context(), machine.Command{Line: `echo "$SSH_CONNECTION"`, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	if _, port, _ := net.SplitHostPort(three.Addr); !strings.HasSuffix(strings.TrimSpace(out.String()), " "+port) {
		t.Errorf("came to %q", out.String())
	}
	one.Stop()
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); err == nil {
		t.Error("ran without its jump host")
	}
	if _, err := Dial(t.Context(), last); err == nil || !strings.Contains(err.Error(), "jump host: jump host: connect to "+one.Addr) {
		t.Errorf("%v", err)
	}
	wrong := options(two)
	wrong.Auth = Auth{Keys: []ssh.Signer{newKey(t)}}
	last.Via = &wrong
	if _, err := Dial(t.Context(), last); err == nil || !strings.Contains(err.Error(), "jump host: "+two.Addr+" refuses the login") {
		t.Errorf("%v", err)
	}
}
