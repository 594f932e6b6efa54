package machinetest

import (
	"context"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// CommunicatorOptions describe a communicator under test.
type CommunicatorOptions struct {
	// Connect gives a communicator to a machine as Options.New describes them; the suite
	// closes it. Every call leads to the same machine.
	Connect func(t testing.TB) machine.Communicator
	// User exists in the machine beside the one logged in; empty when commands can run
	// as nobody else.
	User string
	// Dir is an absolute path of an empty directory in the machine that the one logged
	// in may write.
	Dir string
}

// RunCommunicator runs the part of the suite that needs no builder: the contract of
// machine.Communicator. A communicator's own test is a call of it.
func RunCommunicator(t *testing.T, o CommunicatorOptions) {
	if o.Connect == nil || o.Dir == "" {
		t.Fatal("machinetest: Connect and Dir are needed")
	}
	open := func(t testing.TB) inside {
		t.Helper()
		c := o.Connect(t)
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		return inside{c, t, o.Dir}
	}
	t.Run("Commands", func(t *testing.T) { testCommands(t, open(t), o.User) })
	t.Run("Files", func(t *testing.T) { testFiles(t, open(t)) })
	t.Run("Trees", func(t *testing.T) { testTrees(t, open(t)) })
	t.Run("Close", func(t *testing.T) {
		first, second := open(t), open(t)
		first.put("kept", "still here")
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		second.want("kept", "still here")
	})
}

// asCommunicator runs the same over a machine of a builder.
func asCommunicator(t *testing.T, o Options) {
	b := newBench(t, o)
	m := b.start(t)
	RunCommunicator(t, CommunicatorOptions{
		User: o.User, Dir: "/srv",
		Connect: func(t testing.TB) machine.Communicator {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c, err := m.Connect(ctx)
			if err != nil {
				t.Fatalf("connect: %v", err)
			}
			return c
		},
	})
}

// testConnectAgain: communicators come and go, and each leads to its machine alone.
func testConnectAgain(t *testing.T, o Options) {
	b := newBench(t, o)
	other := connect(t, b.start(t))
	other.put("other", "other")
	m := b.start(t)
	first := connect(t, m)
	first.put("mine", "mine")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := connect(t, m)
	second.want("mine", "mine")
	second.wantMissing("other")
	other.wantMissing("mine")
}
