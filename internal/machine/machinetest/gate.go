package machinetest

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func testGate(t *testing.T, o Options) {
	b := newBench(t, o)
	m := b.start(t)
	g, ok := m.(machine.Gater)
	if !ok {
		return
	}
	c := connect(t, m)
	plant(c)
	want := harvest(c)
	c.sh("(while :; do echo x >> /srv/beat; sleep 0.02; done) >/dev/null 2>&1 &")
	booted, err := g.BootForGate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("booted: %v", booted)
	c = connect(t, m)
	if got := harvest(c); got != want {
		t.Errorf("after booting it holds\n%s\nwant\n%s", got, want)
	}
	wantNoBeat(t, c, "/srv/beat")
	capture(t, b, m)
}
