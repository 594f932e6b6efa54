package ssh

import (
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

// TestTemplateOptions: what a template says counts over what the builder knows.
func TestTemplateOptions(t *testing.T) {
	t.Parallel()
	place := Place{Host: "192.0.2.7", Port: 3322, User: "found", Key: newKey(t)}
	tests := []struct {
		name  string
		c     Config
		place Place
		agent string
		check func(o Options) string
		err   string
	}{
		{name: "the builder's", c: Config{Port: 22}, place: place, check: func(o Options) string {
			return cmp.Diff([]any{"192.0.2.7:3322", "found", 1, 5 * time.Minute, 10, ""},
				[]any{o.Addr, o.User, len(o.Auth.Keys), o.Wait, o.Refusals, o.ForwardAgent})
		}},
		{name: "the template's", c: Config{Host: "h", Port: 2200, Username: "u", Password: "p", Timeout: time.Hour, PTY: true, FileTransferMethod: "sftp", KeepAlive: -1, ReadWriteTimeout: time.Minute}, place: place, check: func(o Options) string {
			return cmp.Diff([]any{"h:2200", "u", "p", "p", time.Hour, 0, true, true, time.Duration(-1), time.Minute},
				[]any{o.Addr, o.User, o.Auth.Password, o.SudoPassword, o.Wait, o.Refusals, o.PTY, o.SFTP, o.KeepAlive, o.Silence})
		}},
		{name: "attempts without a time", c: Config{Host: "h", HandshakeAttempts: 3}, check: func(o Options) string {
			return cmp.Diff([]any{time.Duration(-1), 3}, []any{o.Wait, o.Refusals})
		}},
		{name: "an agent is offered, and not logged in with", c: Config{Host: "h"}, agent: "/agent", check: func(o Options) string {
			return cmp.Diff([]string{"/agent", ""}, []string{o.ForwardAgent, o.Auth.Agent})
		}},
		{name: "an agent is not offered", c: Config{Host: "h", AgentAuth: true, DisableForwarding: true}, agent: "/agent", check: func(o Options) string {
			return cmp.Diff([]string{"", "/agent"}, []string{o.ForwardAgent, o.Auth.Agent})
		}},
		{name: "no agent", c: Config{Host: "h", AgentAuth: true}, err: "SSH_AUTH_SOCK names none"},
		{name: "key that is not there", c: Config{Host: "h", PrivateKeyFile: "/no/key"}, err: "/no/key"},
		{name: "tunnels", c: Config{Host: "h", LocalTunnels: []string{"1:a:2"}, RemoteTunnels: []string{"3:b:4"}}, check: func(o Options) string {
			return cmp.Diff([][]Tunnel{{{1, "a:2"}}, {{3, "b:4"}}}, [][]Tunnel{o.Local, o.Remote})
		}},
		{name: "tunnel that is none", c: Config{Host: "h", LocalTunnels: []string{"1"}}, err: "port:host:port"},
		{name: "bastion", c: Config{Host: "h", Bastion: Bastion{BastionHost: "gate", BastionUsername: "g", BastionPassword: "p"}}, check: func(o Options) string {
			return cmp.Diff([]string{"gate:22", "g", "p"}, []string{o.Via.Addr, o.Via.User, o.Via.Auth.Password})
		}},
		{name: "proxy", c: Config{Host: "h", Proxy: Proxy{ProxyHost: "socks"}}, check: func(o Options) string {
			return cmp.Diff("socks:1080", o.Proxy.Addr)
		}},
		{name: "algorithms", c: Config{Host: "h", Ciphers: []string{"c"}, KeyExchanges: []string{"k"}}, check: func(o Options) string {
			return cmp.Diff([][]string{{"c"}, {"k"}}, [][]string{o.Ciphers, o.KeyExchanges})
		}},
	}
	for _, tt := range tests {
		o, err := tt.c.Options(tt.place, tt.agent)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		default:
			if d := tt.check(o); d != "" {
				t.Errorf("%s: %s", tt.name, d)
			}
		}
	}
}

// TestAlgorithms: what is offered is what the options say, and nothing in common is an
// error that names the options.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	s := sshdtest.Start(t, "Ciphers aes256-ctr", "KexAlgorithms ecdh-sha2-nistp256")
	o := options(s)
	o.Ciphers, o.KeyExchanges = []string{"aes256-ctr"}, []string{"ecdh-sha2-nistp256"}
	works(t, o)
	o.Ciphers, o.Wait = []string{"aes128-gcm@openssh.com"}, 0
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "ssh_ciphers") {
		t.Errorf("%v", err)
	}
}

// TestProxy: through a SOCKS5 proxy that asks for a password.
func TestProxy(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	asked := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go socks(c, asked)
		}
	}()
	o := s.options()
	o.Proxy = &SOCKS{Addr: l.Addr().String(), User: "u", Password: "secret"}
	c := dial(t, o)
	if exit, err := c.Run(t.Context(), machine.Command{Line: "exit 2"}); exit != 2 || err != nil {
		t.Errorf("exit %d, %v", exit, err)
	}
	if got := <-asked; got != s.addr {
		t.Errorf("asked for %s", got)
	}
	o.Proxy.Password = "wrong"
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "through proxy "+l.Addr().String()) {
		t.Errorf("%v", err)
	}
}

// socks serves one connection to an IPv4 address: greeting, password, request.
func socks(c net.Conn, asked chan<- string) {
	defer c.Close()
	read := func(n int) []byte {
		b := make([]byte, n)
		if _, err := io.ReadFull(c, b); err != nil {
			return make([]byte, n)
		}
		return b
	}
	read(int(read(2)[1]))
	_, _ = c.Write([]byte{5, 2})
	read(1)
	user := read(int(read(1)[0]))
	password := read(int(read(1)[0]))
	if !slices.Equal(user, []byte("u")) || !slices.Equal(password, []byte("secret")) {
		_, _ = c.Write([]byte{1, 1})
		return
	}
	_, _ = c.Write([]byte{1, 0})
	req := read(10)
	to := &net.TCPAddr{IP: net.IP(req[4:8]), Port: int(req[8])<<8 | int(req[9])}
	server, err := net.DialTCP("tcp", nil, to)
	if err != nil {
		return
	}
	defer server.Close()
	asked <- to.String()
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	go func() { _, _ = io.Copy(server, c); server.Close() }()
	_, _ = io.Copy(c, server)
}
