package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// ruleset is the nftables table of one network. All its chains see all packets of
// the host, so every rule names the link.
func ruleset(n *Network, allow []Service) string {
	var b strings.Builder
	in := fmt.Sprintf("iifname %q", link(n.Tag))
	out := fmt.Sprintf("oifname %q", link(n.Tag))
	fmt.Fprintf(&b, "table inet %s {\n", n.Tag)

	// Neither the host nor what is behind it tells a machine the host's secrets. The
	// address counts that the machine asked for, wherever the host redirects it to.
	var secret []string
	for _, p := range metadata {
		secret = append(secret, p.String())
	}
	no := fmt.Sprintf("\t\t%s ct original ip daddr { %s } reject\n", in, strings.Join(secret, ", "))

	// To the host itself: nothing but what is allowed, and ping.
	b.WriteString("\tchain input {\n\t\ttype filter hook input priority -10; policy accept;\n")
	b.WriteString(no)
	fmt.Fprintf(&b, "\t\t%s ct state established,related accept\n", in)
	fmt.Fprintf(&b, "\t\t%s icmp type echo-request accept\n", in)
	for _, s := range allow {
		addr, family := s.Addr.Unmap().WithZone(""), "ip"
		switch {
		case !addr.IsValid():
			addr = n.Host
		case addr.Is6():
			family = "ip6"
		}
		fmt.Fprintf(&b, "\t\t%s %s daddr %s meta l4proto { tcp, udp } th dport %d accept\n", in, family, addr, s.Port)
	}
	fmt.Fprintf(&b, "\t\t%s reject\n\t}\n", in)

	// Through the host: outwards only. What another machine sends outwards comes by
	// here too, and is refused by the rules of the machine that it is for.
	b.WriteString("\tchain forward {\n\t\ttype filter hook forward priority -10; policy accept;\n")
	b.WriteString(no)
	fmt.Fprintf(&b, "\t\t%s ct state != { established, related } reject\n\t}\n", out)

	b.WriteString("\tchain postrouting {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n")
	fmt.Fprintf(&b, "\t\tip saddr %s masquerade\n\t}\n}\n", n.Guest)
	return b.String()
}

// nft applies a script as one transaction.
func nft(ctx context.Context, script string) error {
	cmd := exec.CommandContext(ctx, "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("set nftables rules: %w", context.Cause(ctx))
		}
		if errors.Is(err, exec.ErrNotFound) {
			return fmt.Errorf("set nftables rules: nft is missing: apt-get install nftables")
		}
		return fmt.Errorf("set nftables rules: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return nil
}
