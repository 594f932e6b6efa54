// Package postprocess turns what a build made into something else: one file per
// post-processor. Those of a platform lie in its package.
package postprocess

import (
	"context"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// PostProcessor is one configured member of a sequence.
type PostProcessor interface {
	// Process makes an image from in, or returns in when it only looks at it. Files
	// in places that the template names it makes through run.Files, everything else
	// outside through run.Res, so that nothing is left of a run that fails or dies;
	// the caller keeps what is made when the whole list has succeeded. It never
	// deletes in: the caller does that then, as Keep and the template's
	// keep_input_artifact want it. It may be called again with another image.
	Process(ctx context.Context, run Run, in image.Image) (out image.Image, keep Keep, err error)
}

// Reader is optional on a PostProcessor that reads files of this host: it adds what
// they hold to what makes a build unchanged. The configuration has been added. The
// files in without, as output.Resolve names them, count as not there.
type Reader interface {
	Fingerprint(ctx context.Context, h *cache.Hash, without []string) error
}

// Keep says what becomes of the input when the template says nothing.
type Keep int

const (
	// Drop: the input goes, unless keep_input_artifact says otherwise.
	Drop Keep = iota
	// Prefer: the input stays, unless keep_input_artifact says otherwise.
	Prefer
	// Must: the output stands on the input; it stays whatever the template says.
	Must
)

// Run is what a post-processor may know of the build it works in.
type Run struct {
	Files     *output.Files
	Res       *ledger.Scope
	Out       machine.Log
	ID        string            // PACKER_RUN_UUID: of the run
	BuildName string            // PACKER_BUILD_NAME: the source's label
	BuildType string            // PACKER_BUILDER_TYPE: the builder's kind
	Force     bool              // -force: what an earlier run left is not continued
	Tag       string            // marks processes on this host, as provision.Run.Tag does
	Vars      map[string]string // late values, as provisioners see them
}

// Forms are those in which post-processors add to files that builds share: who reaps
// what dead builds left needs them.
func Forms() []output.Form { return []output.Form{linesForm(), manifestForm()} }

// names are the placeholders that outputs may hold. Any other one is "<no value>", as
// in Packer.
func (r Run) names() map[string]any {
	return map[string]any{"BuildName": r.BuildName, "BuilderType": r.BuildType}
}
