// Package build holds the one flow: a template goes in, a proven image comes out.
// Flow (flow.go) reads top to bottom; everything else here serves it.
package build

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// ErrRefused is in the chain of a build's error when a gate refused the image.
var ErrRefused = errors.New("refused by its checks")

// Kit is what builds stand on. All fields are needed.
type Kit struct {
	Builders     template.Set[machine.Builder]
	Provisioners template.Set[provision.Provisioner]
	Verifiers    template.Set[verify.Spec]
	Posts        template.Set[postprocess.PostProcessor]
	Data         template.Set[machine.DataSource]
	Ledger       *ledger.Ledger
	Cache        *cache.Store
	Catalog      *catalog.Catalog
	Probe        func(arch string) (io.ReadCloser, error)
	ProbeVersion string // an input of every proof
	Images       string // directory of finished images, by name and run
	Logs         string // directory of complete logs
	Reports      string // directory of reports
	Tool         string // version of Proofmark
	Sink         Sink
	Terminal     Terminal // which provisioners of the kit take, too; nil: the plan has its own
}

// OnError says what happens to the machine of a step that failed.
type OnError string

const (
	Cleanup     OnError = "cleanup"                 // run the error-cleanup provisioner, and destroy the machine
	Abort       OnError = "abort"                   // leave everything for AbortKeep
	CleanupOnly OnError = "run-cleanup-provisioner" // run the error-cleanup provisioner, and leave the rest for AbortKeep
	Shell       OnError = "shell"                   // offer a shell in it; then as Cleanup
	Ask         OnError = "ask"                     // let the person at the terminal choose, or take the step once more
)

// AbortKeep is how long a machine that is not cleaned up stays to be looked at.
const AbortKeep = 24 * time.Hour

// Options of one run. The zero value builds everything, with layers.
type Options struct {
	Parallel int // builds at the same time; 0 or less: no limit
	OnError  OnError
	Force    bool
	Debug    bool          // builders say more; with Line, the build stops after each step until a line comes
	NoCache  bool          // use no layers and leave none
	Keep     time.Duration // how long a failed machine stays; 0: not at all. A cancelled build keeps nothing
	Timeout  time.Duration // of the whole run; 0: none
	Verify   []verify.Spec // checks attached from outside, to every build
	// Line reads a line from the person at the terminal; io.EOF when there is no more.
	// nil: nobody is there, and Ask is Cleanup. It is called by one build at a time.
	Line func(ctx context.Context) (string, error)
	// Before and After run within the run, before its first build and after its last one:
	// what they say stands between the first and the last event. Before is under Timeout.
	Before func(ctx context.Context)
	After  func(ctx context.Context, reports []Report)
	// Interact runs a shell in the machine for a person; needed for Shell.
	Interact func(ctx context.Context, c machine.Communicator, where string) error
}
