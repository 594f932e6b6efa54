// Package provision changes machines: one file per provisioner.
package provision

import (
	"context"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Provisioner is one configured step of a build.
type Provisioner interface {
	// Fingerprint adds the content of every file that the step reads; its evaluated
	// configuration has been added by the caller. cache.ErrVolatile: always run,
	// later steps too. cache.ErrOutside: acts outside the machine, always run, the
	// key passes through.
	Fingerprint(ctx context.Context, h *cache.Hash) error
	// Provision runs the step. It returns only when nothing of it is left running
	// in this process. A lost connection is an error unless the step expects it.
	Provision(ctx context.Context, run Run, c machine.Communicator) error
}

// Run is what a provisioner may know of the build it works in.
type Run struct {
	Out       machine.Log
	BuildName string // PACKER_BUILD_NAME: the source's label
	BuildType string // PACKER_BUILDER_TYPE: the builder's kind
	ID        string // PACKER_RUN_UUID: of the run
	HTTPAddr  string // "ip:port" of the build's HTTP server, or ""
	// Tag marks what the step starts or makes on this host, so that a reaper finds
	// it: TagEnv in the environment of every process, TempPrefix in the name of
	// every temporary file. Empty for steps that act in the machine alone.
	Tag  string
	Vars map[string]string // late values: ID, Host, Port, User, Password, ConnType, …
	// Env and Fields are what scripts on this host get besides: environment variables,
	// and values of the placeholders named to OpenLocal.
	Env, Fields map[string]string
}

// TagEnv is the environment variable that holds Run.Tag.
const TagEnv = "PROOFMARK_STEP"

// TempPrefix begins the names of temporary files of a step with this tag.
func TempPrefix(tag string) string { return "proofmark-" + tag + "-" }

// Versioned is optional on a Provisioner: the version of what it does with its
// configuration. It goes up whenever the same step may leave a machine otherwise, so
// that layers of older ones are not used. Steps without a version have had only one.
type Versioned interface {
	Version() string
}

// Pauser is optional on a Provisioner that may wait for a person, who can enter the
// machine meanwhile: when it does, no later step leaves a layer for other builds.
type Pauser interface {
	Pauses() bool
}

// UsesNames is optional on a Provisioner whose outcome may depend on the names of
// build and builder (PACKER_BUILD_NAME, PACKER_BUILDER_TYPE): where it does, builds
// of different names do not share the step's layer.
type UsesNames interface {
	UsesNames() bool
}

// HostPaths is optional on a Provisioner: the options that say where on this host
// its files lie. The place is no input of the step's layer, so that a checkout
// elsewhere finds it: Fingerprint adds what the files hold, and of their names what
// the machine comes to see.
type HostPaths interface {
	HostPaths() []string
}

// Describer is optional on a Provisioner: a few words that tell one step from
// another of the same type, for people.
type Describer interface {
	Describe() string
}
