package qemu

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"
)

// QEMU takes connections for the machine before anything in it can answer, and those it
// took then stay silent. So they are given up early at first; later ones get more time,
// since a slow machine needs some for a word.
const (
	firstPatience = 2 * time.Second
	lastPatience  = 20 * time.Second
	betweenTries  = 500 * time.Millisecond
)

// awaitSSH waits until a server for SSH has said its first word, for a limited time; 0 is
// no limit.
func awaitSSH(ctx context.Context, addr string, limit time.Duration) error {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("nothing answers by SSH within %s (ssh_timeout)", limit))
		defer cancel()
	}
	for patience := firstPatience; ; patience = min(patience*5/4, lastPatience) {
		if answers(ctx, addr, patience) {
			return nil
		}
		select {
		case <-time.After(betweenTries):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// answers tells whether a server for SSH speaks at an address.
func answers(ctx context.Context, addr string, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	word := make([]byte, 4)
	n, _ := conn.Read(word)
	return strings.HasPrefix("SSH-", string(word[:n])) && n > 0
}
