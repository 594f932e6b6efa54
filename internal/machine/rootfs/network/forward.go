package network

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/vishvananda/netlink"
)

const forwarding = "/proc/sys/net/ipv4/ip_forward"

// before holds the host's forwarding setting as it was before the first network.
var before = filepath.Join(runDir, "ip_forward")

// forward turns the host's forwarding on when it is off, and notes in a file what
// it was.
// The caller holds the lock.
func forward(note string) error {
	was, err := os.ReadFile(forwarding)
	if err != nil {
		return err
	}
	if strings.TrimSpace(string(was)) != "0" {
		return nil
	}
	if err := os.WriteFile(note, was, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(forwarding, []byte("1\n"), 0); err != nil {
		return fmt.Errorf("turn on forwarding (sysctl net.ipv4.ip_forward=1): %w", err)
	}
	return nil
}

var ours = regexp.MustCompile(`^pm[0-9a-z]{10}h$`)

// restoreForwarding undoes forward when no network is left. The caller holds the
// lock.
func restoreForwarding(note string) error {
	was, err := os.ReadFile(note)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	links, err := listed(netlink.LinkList)
	if err != nil {
		return fmt.Errorf("list links: %w", err)
	}
	for _, l := range links {
		if ours.MatchString(l.Attrs().Name) {
			return nil
		}
	}
	if err := os.WriteFile(forwarding, was, 0); err != nil {
		return fmt.Errorf("restore forwarding: %w", err)
	}
	return os.Remove(note)
}
