// Package machinetest is the suite that every builder must pass. A builder's own
// test is a call of Run:
//
//	func TestBuilder(t *testing.T) {
//		machinetest.Run(t, machinetest.Options{
//			Kind: "fake",
//			New:  func(t testing.TB, home string, variant int) machine.Builder { … },
//		})
//	}
//
// What the suite adds to the contracts in package machine:
//
//   - A layer is recorded in the scope that Snapshot was given, under the id that
//     Snapshot returns as the reference. Who commits the reference to the cache
//     calls Keep on that scope afterwards; until then the layer is gone with the
//     scope, or with a dead process's ledger.
//   - The files of a captured image lie in env.Output, which belongs to the caller.
//   - Everything else that Start, Snapshot, Restore and Boot make is gone after
//     the machine's Close.
package machinetest

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Options describe the builder under test.
type Options struct {
	// Kind of builder, as records of the ledger name it.
	Kind string
	// Where goes into the builder's scopes.
	Where ledger.Where
	// New opens a builder that keeps what it makes below home, an existing
	// directory. Builders of the same home and variant are alike; variants 0 and 1
	// differ in what a fresh machine holds. Machines have /bin/sh, the usual small
	// commands (cat, chmod, id, ls, mkdir, mv, rm, sleep, stat, touch) and a
	// writable /srv and /tmp.
	New func(t testing.TB, home string, variant int) machine.Builder
	// User exists in machines beside root; empty when the builder has no users.
	User string
	// Leftovers lists what of the resources with these tags, or of home, is on the
	// host outside home (mounts, processes, control groups, namespaces, links, …),
	// one line each. When all is given back there must be none. What bears neither
	// is somebody else's: other tests run machines on the same host at the same
	// time. Host lists what it can.
	Leftovers func(t testing.TB, home string, tags []string) []string
	// Sample says that a machine takes seconds: a process dies at some points of its
	// ledger (Points), at all of them in the long form.
	Sample bool
	// Slow says that it takes a quarter of a minute: no more points than one for each
	// class of resource and stage of its life, an early one where there is one. What is independent runs beside each other,
	// as many parts as go test lets.
	Slow bool
}

// beside runs a test beside others, where each has much to wait for.
func (o Options) beside(t *testing.T) {
	if o.Slow {
		t.Parallel()
	}
}

// Run runs the suite. What is optional is tested where the builder has it.
//
// The last part lets a child process, which is this test binary again with the
// calling test alone, die at each point of the ledger in turn. Whatever the
// calling test does before Run happens there too. With -short, some points are tried.
func Run(t *testing.T, o Options) {
	if o.Kind == "" || o.New == nil {
		t.Fatal("machinetest: Kind and New are needed")
	}
	if o.Leftovers == nil {
		o.Leftovers = func(testing.TB, string, []string) []string { return nil }
	}
	if dying(t, o) {
		return
	}
	for _, part := range []struct {
		name string
		test func(t *testing.T, o Options)
	}{
		{"Fingerprint", testFingerprint}, {"Communicator", asCommunicator}, {"ConnectAgain", testConnectAgain},
		{"Lifecycle", testLifecycle}, {"Image", testImage}, {"Layers", testLayers}, {"Gate", testGate}, {"Seal", testSeal},
		{"Resources", testResources}, {"NoLeakOnCrash", testCrash},
	} {
		t.Run(part.name, func(t *testing.T) {
			o.beside(t)
			part.test(t, o)
		})
	}
}
