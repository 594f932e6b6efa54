package build_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestProofThatWasInterrupted: checks that could not be answered are taken out
// again, and the image is as good as before.
func TestProofThatWasInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	b.build(edit(t, three, `"one", "two"] }`, "\"one\"] }\nprocess \"x\" {}"), build.Options{}).refused("could not be checked")
	b.wantVersions("web:1 refused")
	b.build(three, build.Options{}).must(build.ProvenAgain)
	b.wantVersions("web:1 proven")
	b.build(three, build.Options{}).must(build.Unchanged)
}
