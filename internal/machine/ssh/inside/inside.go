// Package inside is an SSH server for one connection. It runs inside machines that have
// none, at the end of a line that nobody else can reach: it lets in whoever is at the
// other end, as the user that it runs as. It runs commands, with terminals where wanted, and that
// is all.
package inside

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"sync"

	"golang.org/x/crypto/ssh"
)

// maxSessions is how many commands may run at the same time.
const maxSessions = 32

// Serve serves a connection until it ends, or ctx does, and closes it. Commands that still
// run then are killed.
func Serve(ctx context.Context, c net.Conn) error {
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("make a host key: %w", err)
	}
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		return fmt.Errorf("make a host key: %w", err)
	}
	config := &ssh.ServerConfig{NoClientAuth: true, ServerVersion: "SSH-2.0-Proofmark"}
	config.AddHostKey(signer)
	conn, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return fmt.Errorf("serve a connection: %w", err)
	}
	defer conn.Close()
	go ssh.DiscardRequests(requests)
	login, err := readLogin()
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	slots := make(chan struct{}, maxSessions)
	for n := range channels {
		if n.ChannelType() != "session" {
			_ = n.Reject(ssh.UnknownChannelType, "only sessions are served") // the connection may have ended
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = n.Reject(ssh.ResourceShortage, "there are too many sessions")
			continue
		}
		all.Go(func() {
			defer func() { <-slots }()
			ch, requests, err := n.Accept()
			if err != nil {
				return // the connection has ended
			}
			s := session{ch: ch, login: login}
			s.serve(requests)
		})
	}
	return nil
}
