// Package sshdtest starts Debian's sshd on the loopback, for tests.
package sshdtest

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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

const sshdPath = "/usr/sbin/sshd"

// Server is a real server on the loopback, with keys of its own, for one test.
type Server struct {
	Addr       string // host:port
	Host       ssh.PublicKey
	User       string     // who runs the test
	Key        ssh.Signer // lets in every user
	File       string     // that holds the key
	KnownHosts string
	Dir        string // others may read it
	Log        *Log
	cmd        *exec.Cmd
}

// Need skips a test where there is no server, and with -short: starting one takes its
// time.
func Need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server: left out by -short")
	}
	if _, err := os.Stat(sshdPath); err != nil {
		t.Skip("needs sshd: install openssh-server")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root: sshd switches users")
	}
}

// Start starts a server with more lines of configuration.
func Start(t testing.TB, config ...string) *Server {
	t.Helper()
	Need(t)
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
	s := &Server{Dir: dir, User: me.Username, Log: new(Log)}
	host := NewKey(t, filepath.Join(dir, "host"))
	s.Host = host.PublicKey()
	s.File = filepath.Join(dir, "id")
	s.Key = NewKey(t, s.File)
	s.Authorize(t, s.Key.PublicKey())
	for tries := 1; !s.listen(t, config); tries++ {
		if tries == 20 {
			t.Fatalf("sshd finds every port taken:\n%s", s.Log)
		}
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("sshd says:\n%s", s.Log)
		}
	})
	return s
}

// listen starts the server at a port that is free, and waits until it listens. It tells
// whether it does: somebody else may have taken the port meanwhile.
func (s *Server) listen(t testing.TB, config []string) bool {
	t.Helper()
	s.Log.reset()
	dir, port := s.Dir, freePort(t)
	s.Addr = net.JoinHostPort("127.0.0.1", port)
	s.KnownHosts = filepath.Join(dir, "known_hosts")
	write(t, s.KnownHosts, "[127.0.0.1]:"+port+" "+string(ssh.MarshalAuthorizedKey(s.Host)))
	lines := append([]string{
		"ListenAddress 127.0.0.1", "Port " + port, "HostKey " + filepath.Join(dir, "host"),
		"AuthorizedKeysFile " + filepath.Join(dir, "authorized"), "StrictModes no", "PidFile none",
	}, config...) // the first line that says something counts
	lines = append(lines, "UsePAM no", "PermitRootLogin yes", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
		"MaxStartups 100", "Subsystem sftp internal-sftp")
	file := filepath.Join(dir, "sshd_config")
	write(t, file, strings.Join(lines, "\n")+"\n")
	s.cmd = exec.Command(sshdPath, "-D", "-e", "-f", file)
	s.cmd.Stderr = s.Log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(5 * time.Millisecond) {
		switch said := s.Log.String(); {
		case strings.Contains(said, "Server listening on 127.0.0.1 port "+port):
			return true
		case strings.Contains(said, "Cannot bind any address"):
			_ = s.cmd.Wait() // its status says no more
			return false
		}
	}
	_ = s.cmd.Process.Kill()
	t.Fatalf("sshd does not listen: %v\n%s", s.cmd.Wait(), s.Log)
	return false
}

// Authorize lets these keys in, and no others.
func (s *Server) Authorize(t testing.TB, keys ...ssh.PublicKey) {
	t.Helper()
	var b bytes.Buffer
	for _, k := range keys {
		b.Write(ssh.MarshalAuthorizedKey(k))
	}
	write(t, filepath.Join(s.Dir, "authorized"), b.String())
}

// NewKey makes a key, and a file of it unless that is "".
func NewKey(t testing.TB, file string) ssh.Signer {
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

// Stop ends the server and all its connections, as a crash would.
func (s *Server) Stop() {
	for _, pid := range s.Processes() {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // again: it has been waited for
}

// Processes are those that serve a connection each.
func (s *Server) Processes() []int {
	var all []int
	children := []int{s.cmd.Process.Pid}
	for len(children) > 0 {
		pid := children[0]
		children = children[1:]
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			continue // it has ended
		}
		for _, f := range strings.Fields(string(text)) {
			n, err := strconv.Atoi(f)
			if err != nil {
				continue
			}
			name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", n))
			if strings.HasPrefix(string(name), "sshd") {
				all = append(all, n)
				children = append(children, n)
			}
		}
	}
	return all
}

// Log takes what the server says.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
