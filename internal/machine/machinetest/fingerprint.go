package machinetest

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

func testFingerprint(t *testing.T, o Options) {
	b := newBench(t, o)
	key := func(m machine.Builder) cache.Key {
		t.Helper()
		h := cache.NewHash("", o.Kind, []byte("secret"))
		if err := m.Fingerprint(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		return h.Key()
	}
	first := key(b.builder)
	if again := key(b.builder); again != first {
		t.Errorf("asked twice: %s and %s", first, again)
	}
	if alike := key(o.New(t, b.home, 0)); alike != first {
		t.Errorf("of another builder with the same configuration: %s, want %s", alike, first)
	}
	if other := key(o.New(t, b.home, 1)); other == first {
		t.Error("another configuration has the same fingerprint")
	}
	m := b.start(t)
	connect(t, m)
	closeMachine(t, m)
	if after := key(b.builder); after != first {
		t.Errorf("after a machine was started: %s, want %s", after, first)
	}
	if out, ok := b.builder.(machine.Outputter); ok {
		keys := [2]cache.Key{}
		for i := range keys {
			h := cache.NewHash("", o.Kind, nil)
			out.OutputKey(h)
			keys[i] = h.Key()
		}
		if keys[0] != keys[1] {
			t.Errorf("output keys of one builder: %v", keys)
		}
	}
}
