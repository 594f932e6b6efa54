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
// since a slow machine needs some for a word. QEMU goes on with those that were given up, which
// keep a slow server busy when it starts: none is tried before the machine has a network,
// where that can be told, but after upLimit, since not every system tells.
const (
	firstPatience = 2 * time.Second
	lastPatience  = 20 * time.Second
	betweenTries  = 500 * time.Millisecond
	upLimit       = 10 * time.Second
)

// awaitSSH waits until a server for SSH has said its first word, for a limited time; 0 is
// no limit. up tells whether the machine has a network.
func awaitSSH(ctx context.Context, addr string, limit time.Duration, up func(context.Context) bool) error {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("nothing answers by SSH within %s (ssh_timeout)", limit))
		defer cancel()
	}
	for patience := firstPatience; ; patience = min(patience*5/4, lastPatience) {
		for began := time.Now(); !up(ctx) && time.Since(began) < upLimit && ctx.Err() == nil; {
			pause(ctx, betweenTries)
		}
		if answers(ctx, addr, patience) {
			return nil
		}
		if pause(ctx, betweenTries); ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// networkUp tells whether the system of the machine has switched on one of its network cards: it
// then takes what is sent to all. Cards of which QEMU does not tell count as switched on.
func (p *process) networkUp(ctx context.Context) bool {
	var cards []struct {
		Multicast []string `json:"multicast-table"`
	}
	if err := p.monitor.do(ctx, "query-rx-filter", nil, &cards); err != nil || len(cards) == 0 {
		return true
	}
	for _, c := range cards {
		if len(c.Multicast) > 0 {
			return true
		}
	}
	return false
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
