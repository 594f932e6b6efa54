package qemu

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestHomeKey: builds that begin at the same time have one key, which nobody else can read,
// and each kind has its own.
func TestHomeKey(t *testing.T) {
	t.Parallel()
	p := places{t.TempDir()}
	var all sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			key, err := p.homeKey("", 0)
			if err != nil {
				t.Error(err)
				return
			}
			all.Store(key.public, key)
		})
	}
	wg.Wait()
	var first string
	n := 0
	all.Range(func(k, _ any) bool { first, n = k.(string), n+1; return true })
	if n != 1 || !strings.HasPrefix(first, "ssh-ed25519 ") || !strings.HasSuffix(first, " "+machine.Marker) {
		t.Errorf("%d keys, such as %q", n, first)
	}
	for _, tt := range []struct {
		kind string
		bits int
		file string
		want string
	}{
		{"ed25519", 0, "ed25519", first}, {"ecdsa", 0, "ecdsa", "ecdsa-sha2-nistp521 "}, {"ecdsa", 256, "ecdsa-256", "ecdsa-sha2-nistp256 "},
		{"rsa", 1024, "rsa-1024", "ssh-rsa "},
	} {
		key, err := p.homeKey(tt.kind, tt.bits)
		if err != nil || !strings.HasPrefix(key.public, tt.want) || key.file != filepath.Join(p.state, "keys", tt.file) {
			t.Errorf("%s of %d bits: %+v, %v", tt.kind, tt.bits, key, err)
			continue
		}
		if fi, err := os.Stat(key.file); err != nil || fi.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", key.file, fi.Mode(), err)
		}
	}
	if _, err := p.homeKey("dsa", 0); err == nil || !strings.Contains(err.Error(), "too weak") {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Join(p.state, "keys"))
	if err != nil || len(left) != 4 {
		t.Errorf("left %v, %v", left, err)
	}
}
