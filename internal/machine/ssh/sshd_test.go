package ssh

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const sshdPath = "/usr/sbin/sshd"

// sshd is a real server on the loopback, with keys of its own, for one test.
type sshd struct {
	addr string
	host ssh.PublicKey
	key  ssh.Signer // lets in the user of the test
	file string     // that holds the key
	user string
	dir  string
	log  *bytes.Buffer // valid after the test
	cmd  *exec.Cmd
}

func needSSHD(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(sshdPath); err != nil {
		t.Skip("needs sshd: install openssh-server")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root: sshd switches users")
	}
}

// startSSHD starts a server with more lines of configuration.
func startSSHD(t testing.TB, config ...string) *sshd {
	t.Helper()
	needSSHD(t)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // authorized keys are read as the user
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // what its unit makes
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{dir: dir, user: me.Username, log: new(bytes.Buffer)}
	host := newKey(t, filepath.Join(dir, "host"))
	s.host = host.PublicKey()
	s.file = filepath.Join(dir, "id")
	s.key = newKey(t, s.file)
	s.authorize(t, s.key.PublicKey())
	port := freePort(t)
	s.addr = net.JoinHostPort("127.0.0.1", port)
	lines := append([]string{
		"ListenAddress 127.0.0.1", "Port " + port, "HostKey " + filepath.Join(dir, "host"),
		"AuthorizedKeysFile " + filepath.Join(dir, "authorized"), "StrictModes no", "PidFile none", "UsePAM no",
		"PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "MaxStartups 100",
	}, config...)
	lines = append(lines, "Subsystem sftp internal-sftp")
	file := filepath.Join(dir, "sshd_config")
	write(t, file, strings.Join(lines, "\n")+"\n")
	s.cmd = exec.Command(sshdPath, "-D", "-e", "-f", file)
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		if t.Failed() {
			t.Logf("sshd says:\n%s", s.log)
		}
	})
	return s
}

func (s *sshd) authorize(t testing.TB, keys ...ssh.PublicKey) {
	t.Helper()
	var b bytes.Buffer
	for _, k := range keys {
		b.Write(ssh.MarshalAuthorizedKey(k))
	}
	write(t, filepath.Join(s.dir, "authorized"), b.String())
}

// options lead to the server by its key.
func (s *sshd) options() Options {
	return Options{Addr: s.addr, User: s.user, Auth: Auth{Keys: []ssh.Signer{s.key}}, HostKeys: PinHostKeys(s.host), Wait: time.Minute}
}

func dial(t testing.TB, o Options) *Communicator {
	t.Helper()
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// newKey makes a key, and a file of it unless that is "".
func newKey(t testing.TB, file string) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	if file != "" {
		block, err := ssh.MarshalPrivateKey(private, "test")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return signer
}

// freePort is a port that nobody listens on now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
