package qemu

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// bridgeAddress waits until this host knows the address of the machine, from packets
// that it has sent over the bridge.
func (m *vm) bridgeAddress(ctx context.Context) (string, error) {
	limit, _ := m.b.c.SSH.Limits()
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("no address of the machine is seen on the bridge %s for %s", m.b.c.NetBridge, limit))
		defer cancel()
	}
	var cards []struct {
		Name string `json:"name"`
		MAC  string `json:"main-mac"`
	}
	if err := m.process.monitor.do(ctx, "query-rx-filter", nil, &cards); err != nil {
		return "", err
	}
	if len(cards) == 0 {
		return "", fmt.Errorf("the card of the machine (%s) has no address that can be asked for: give ssh_host", m.b.c.NetDevice)
	}
	m.out.Say("Waiting for an address of the machine on the bridge %s", m.b.c.NetBridge)
	for {
		f, err := os.Open("/proc/net/arp")
		if err != nil {
			return "", err
		}
		ip := neighbour(f, cards[0].MAC, m.b.c.NetBridge)
		f.Close()
		if ip != "" {
			return ip, nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// neighbour finds the IP address of a card on a link in the kernel's table.
func neighbour(table io.Reader, mac, link string) string {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) >= 6 && strings.EqualFold(f[3], mac) && f[5] == link && f[2] != "0x0" {
			return f[0]
		}
	}
	return ""
}
