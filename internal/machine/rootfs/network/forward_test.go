package network

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/thread"
)

// TestForwarding: the setting comes back when the last machine goes, and not
// before. It works on a namespace of its own.
func TestForwarding(t *testing.T) {
	needRoot(t)
	note := filepath.Join(t.TempDir(), "note")
	err := thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		// /proc/sys/net is that of the thread, not of the process.
		is := func(want string) error {
			text, err := os.ReadFile(forwarding)
			if got := strings.TrimSpace(string(text)); got != want || err != nil {
				t.Errorf("forwarding is %q, %v, want %s", got, err, want)
			}
			return err
		}
		if err := os.WriteFile(forwarding, []byte("0"), 0); err != nil {
			return err
		}
		veth := netlink.NewVeth(netlink.LinkAttrs{Name: "pmabcdefghijh"})
		veth.PeerName = "peer"
		return errors.Join(
			forward(note), is("1"), netlink.LinkAdd(veth), restoreForwarding(note), is("1"),
			forward(note), netlink.LinkDel(veth), restoreForwarding(note), is("0"), restoreForwarding(note),
			os.WriteFile(forwarding, []byte("1"), 0), forward(note), restoreForwarding(note), is("1"),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
}
