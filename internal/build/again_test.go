package build_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestProofThatWasInterrupted: checks that could not be answered say nothing of the
// image, and are taken out again.
func TestProofThatWasInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	b.build(edit(t, three, `"one", "two"] }`, "\"one\"] }\nprocess \"x\" {}"), build.Options{}).fails("could not be checked", build.Failed)
	b.wantVersions("web:1 proven")
	b.build(three, build.Options{}).must(build.Unchanged)
}
