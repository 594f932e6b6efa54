package ssh

import (
	"errors"
	"io"
	"net"
	"os/exec"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// server is a server in this process that behaves as badly as it is told. It runs what
// it gets as the one who runs the test.
type server struct {
	*ssh.ServerConfig
	host        ssh.Signer
	key         ssh.Signer                               // lets in
	maxSessions int                                      // 0: any number
	exec        func(ch ssh.Channel, line string) func() // what it returns ends the channel; nil: run
	listener    net.Listener
	addr        string

	mu    sync.Mutex
	conns []net.Conn
}

// startServer starts one that takes the key; change alters it before.
func startServer(t testing.TB, change func(*server)) *server {
	t.Helper()
	s := &server{ServerConfig: &ssh.ServerConfig{MaxAuthTries: 6}, host: newKey(t), key: newKey(t)}
	s.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if sameKey(key, s.key.PublicKey()) {
			return nil, nil
		}
		return nil, errors.New("wrong key")
	}
	if change != nil {
		change(s)
	}
	s.AddHostKey(s.host)
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.addr = s.listener.Addr().String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			all.Go(func() { s.serve(c) })
		}
	})
	t.Cleanup(func() {
		s.listener.Close()
		s.drop()
		all.Wait()
	})
	return s
}

// drop ends all connections.
func (s *server) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
	s.conns = nil
}

func (s *server) options() Options {
	return Options{Addr: s.addr, User: "somebody", Auth: Auth{Keys: []ssh.Signer{s.key}}, HostKeys: PinHostKeys(s.host.PublicKey())}
}

func (s *server) serve(c net.Conn) {
	defer c.Close()
	conn, chans, reqs, err := ssh.NewServerConn(c, s.ServerConfig)
	if err != nil {
		return
	}
	defer conn.Close()
	go ssh.DiscardRequests(reqs)
	var mu sync.Mutex
	open := 0
	for n := range chans {
		mu.Lock()
		full := s.maxSessions > 0 && open >= s.maxSessions
		if !full {
			open++
		}
		mu.Unlock()
		if full {
			_ = n.Reject(ssh.ConnectionFailed, "open failed")
			continue
		}
		ch, reqs, err := n.Accept()
		if err != nil {
			return
		}
		go func() {
			s.session(ch, reqs)
			mu.Lock()
			open--
			mu.Unlock()
		}()
	}
}

func (s *server) session(ch ssh.Channel, reqs <-chan *ssh.Request) {
	defer ch.Close()
	for req := range reqs {
		if req.Type != "exec" {
			if req.WantReply {
				_ = req.Reply(false, nil)
			}
			continue
		}
		var m struct{ Line string }
		_ = ssh.Unmarshal(req.Payload, &m)
		_ = req.Reply(true, nil)
		go ssh.DiscardRequests(reqs)
		if s.exec != nil {
			if end := s.exec(ch, m.Line); end != nil {
				end()
				return
			}
		}
		sendStatus(ch, runHere(ch, m.Line))
		return
	}
}

// runHere runs a line with the channel as its three files.
func runHere(ch ssh.Channel, line string) int {
	cmd := exec.Command("/bin/sh", "-c", line)
	in, err := cmd.StdinPipe()
	if err != nil {
		return 255
	}
	go func() {
		_, _ = io.Copy(in, ch)
		in.Close()
	}()
	cmd.Stdout, cmd.Stderr = ch, ch.Stderr()
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode()
}

func sendStatus(ch ssh.Channel, code int) {
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
}

func newKey(t testing.TB) ssh.Signer { return sshdtest.NewKey(t, "") }
