// Package postprocess turns what a build made into something else: one file per
// post-processor. Those of a platform lie in its package.
package postprocess

import (
	"context"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

// PostProcessor is one configured member of a sequence.
type PostProcessor interface {
	// Process makes an image from in, or returns in when it only looks at it. What
	// it makes outside it makes through run.Res, so that nothing is left of a run
	// that dies; the caller keeps what the last of the sequence returned. It never
	// deletes in: the caller does that, after the whole sequence has succeeded, as
	// Keep and the template's keep_input_artifact want it.
	Process(ctx context.Context, run Run, in image.Image) (out image.Image, keep Keep, err error)
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
	Res       *ledger.Scope
	Out       Log
	ID        string // run id: PACKER_RUN_UUID
	BuildName string // PACKER_BUILD_NAME: the source's label
	BuildType string // PACKER_BUILDER_TYPE: the builder's kind
	Dir       string // directory that relative paths are taken from
	Force     bool   // -force: overwrite what an earlier run left in a place the user chose
	Now       time.Time
	Vars      map[string]string // late values, as provisioners see them
}

// Log takes what a person wants to read. It is safe for concurrent use.
type Log interface {
	Say(format string, args ...any)
	Message(format string, args ...any)
	Warn(format string, args ...any)
}
