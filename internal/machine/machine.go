// Package machine is the seam between Proofmark and the platforms it builds on.
// Whoever reads this file can write a builder. Required abilities are small;
// everything else is an optional interface, asked for in exactly one place
// (package build).
package machine

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/zclconf/go-cty/cty"
	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

var (
	// ErrGone from Restore: the layer is not there any more. The caller builds it again.
	ErrGone = errors.New("layer is gone")
	// ErrDisconnected from Communicator.Run: the connection to the machine broke
	// before the command's exit status arrived. It is never success.
	ErrDisconnected = errors.New("connection to the machine lost")
	// ErrBecome from Communicator.Run: the command did not run, because the machine
	// does not let the communicator's own user be Command.User.
	ErrBecome = errors.New("cannot become another user")
	// ErrUnreachable from a Communicator's Run, Put and Get: no connection could be
	// made, and nothing of the command or the file has reached the machine. It may
	// be starting up; callers who can wait try again.
	ErrUnreachable = errors.New("machine cannot be reached")
)

// Builder makes machines from one evaluated source block. Its methods may be
// called from several goroutines for different machines.
type Builder interface {
	// Fingerprint adds all that decides the content of a freshly started machine.
	// "Latest" is resolved here, at most once per age limit. It has no side effect
	// on the outside and is cheap when nothing changed.
	Fingerprint(ctx context.Context, h *cache.Hash) error
	// Start makes a machine. It makes external things only through env.Res, so
	// that a killed build leaves a record of each. It need not wait until the
	// machine can be reached: Connect does.
	Start(ctx context.Context, env Env) (Machine, error)
	// Resources lists the classes of things that this kind of builder makes in the
	// given place: enough to find and destroy them from the record alone. The
	// order is irrelevant; records are reaped newest first.
	Resources(where ledger.Where) []ledger.Class
}

// Env is what a builder gets from the build that it works for.
type Env struct {
	Res    *ledger.Scope
	Out    Log
	Run    string // run id, unique
	Build  string // build name as shown to the user
	Output string // existing directory, recorded in the ledger, in which Capture makes its files
	// Files makes files in places that the template names. The caller keeps them when
	// all has succeeded.
	Files *output.Files
	// Before is the newest version of the image before this build, for Capture, which may
	// copy from its files what has not changed; the zero Image where there is none, or nothing may be reused.
	Before image.Image
	Force  bool // -force: overwrite what an earlier build left in a place the user chose
	Debug  bool
	Now    time.Time // start of the run: the one clock reading that may end up in an image
}

// Log takes what a person wants to read while a build runs. It is safe for
// concurrent use. Sensitive values are masked behind it, not in front.
type Log interface {
	Say(format string, args ...any)     // a step begins: "==> build: …"
	Message(format string, args ...any) // detail below it: "    build: …"
	Warn(format string, args ...any)
	// Output returns a writer for raw output of a command; it is cut into lines.
	// Close flushes an unfinished line.
	Output() io.WriteCloser
	// Progress begins a piece of long work with a known or unknown (0) total.
	// The returned function adds n units done; done == true ends it.
	Progress(name string, total int64) func(n int64, done bool)
}

// ErrorLog is optional on a Log: ErrorOutput is Output for what a command writes to
// its standard error.
type ErrorLog interface {
	ErrorOutput() io.WriteCloser
}

// Machine is a running or mounted system that a builder started.
type Machine interface {
	// Connect waits until the machine can be used. Calling it again returns a
	// communicator to the same machine. Builders start lazily where they can, so
	// that a machine nobody connects to costs nothing.
	Connect(ctx context.Context) (Communicator, error)
	// Capture powers the machine off and captures it into an image. Local files need
	// not be on disk yet: whoever records the image calls its Sync.
	Capture(ctx context.Context, env Env) (image.Image, error)
	// Close destroys the machine. It may be called at any time, twice, and after a
	// failed Capture; it works on a ctx of its own when the given one is done.
	Close(ctx context.Context) error
}

// Command is one command line for the machine's shell.
type Command struct {
	Line   string            // given to "sh -c"
	Env    map[string]string // added to the environment
	User   string            // empty: the communicator's own user
	PTY    bool              // with a terminal: Stdin and Stdout are it
	Stdin  io.Reader
	Stdout io.Writer // nil: discarded
	Stderr io.Writer
	// Passive says that the command leaves no request behind, such as one for a
	// reboot: what comes next need not wait and see.
	Passive bool
}

// Communicator runs commands and moves files. It is safe for concurrent use and
// reconnects after a reboot that the caller expected.
type Communicator interface {
	// Run returns the exit status. A status other than zero is no error; a lost
	// connection is (ErrDisconnected), and so is a ctx that ends: then nothing of
	// the command is left running. A process that the command left behind in the
	// background does not delay the return by more than a second.
	Run(ctx context.Context, cmd Command) (exit int, err error)
	// Put writes a file whose parent exists, replacing it in one step or not at all.
	Put(ctx context.Context, path string, mode fs.FileMode, r io.Reader) error
	// Get reads a file; fs.ErrNotExist when there is none.
	Get(ctx context.Context, path string, w io.Writer) error
	Close() error
}

// Remover is optional on Communicator: it removes files without running a command.
type Remover interface {
	// Remove removes files and links; what is not there is fine.
	Remove(ctx context.Context, paths ...string) error
}

// Attended is optional on a Communicator whose commands are run by the probe program.
type Attended interface {
	// ProbeLine is a line that, run as the login alone, becomes the same program once
	// more; its arguments may follow. "" when something else runs the commands.
	ProbeLine() string
}

// Endpointer is optional on a Communicator: for programs that speak SSH
// themselves (ansible, rsync).
type Endpointer interface {
	Endpoint() (addr, user string, key ssh.Signer)
}

// Snapshotter is optional on a Builder: it enables layers.
type Snapshotter interface {
	// Snapshot consumes m, whatever it returns, and gives a reference to its state
	// and a machine that continues from there. No process survives, cold or cached
	// alike: the next machine starts from the files alone, unless the builder is
	// Continuous. The layer is recorded in env.Res under ref; the caller keeps it
	// (env.Res.Keep(ref)) once the cache has it. An empty ref says that no layer can be
	// made of this machine: it is not consumed, and next is m.
	Snapshot(ctx context.Context, m Machine, env Env) (ref string, next Machine, err error)
	// Restore makes a throw-away machine from a layer; ErrGone when it is not there
	// or not whole.
	Restore(ctx context.Context, ref string, env Env) (Machine, error)
	// Discard removes a layer that no other layer stands on.
	Discard(ctx context.Context, ref string, env Env) error
	// LayerSize returns the bytes that a layer takes on disk by itself.
	LayerSize(ref string) (int64, error)
}

// Continuous is optional on a Snapshotter whose layers hold a machine as it runs. Its
// processes go on in the next machine, and where the layer's memory can be used in those
// restored; else these boot from its disks. So a machine is connected to before its first
// layer is made, and layers that nobody will read, or that are not worth their cost, need
// not be.
type Continuous interface {
	Continuous() bool
	// LayerCost is about how long making a layer of m would take now.
	LayerCost(m Machine) time.Duration
}

// Booter is optional on a Builder: it enables gate 2. Boot starts a machine from
// the captured bytes alone and waits until it is up; no layer is read.
type Booter interface {
	Boot(ctx context.Context, img image.Image, env Env) (Machine, error)
}

// DiskBooter is optional on a Builder whose images boot by themselves, as disks do.
// Where it proves by booting, gate 2 does so twice instead of asking Booter: what two
// machines of one image have in common tells what must not be in it.
type DiskBooter interface {
	// ProvesBoot tells whether images are to be proven by booting them.
	ProvesBoot() bool
	// BootDisk makes a machine that boots from the captured bytes alone, through their
	// own boot loader; its Connect waits until it is up. Each is a machine of its own:
	// it has other hardware addresses than the one before, and other addresses in its
	// network. What it writes is gone with it. A machine that does not come up is a
	// *BootError, here or from Connect. It may be called for the same image from
	// several goroutines.
	BootDisk(ctx context.Context, img image.Image, env Env) (Machine, error)
}

// Witness is optional on a Machine that boots: what is seen of it from outside. It may
// be asked at any time until Close.
type Witness interface {
	Evidence(ctx context.Context) Evidence
}

// Evidence of a boot. What could not be had is empty.
type Evidence struct {
	Firmware string        // "bios", "uefi"
	Took     time.Duration // until it was up
	Console  []byte        // what it wrote to its serial console; the end of it when it is long
	Screen   []byte        // a picture of its screen, PNG
}

// BootError says that a machine did not come up, with what was seen of it.
type BootError struct {
	Err      error
	Evidence Evidence
}

func (e *BootError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *BootError) Unwrap() error { return e.Err }

// Verifier is optional on a Builder with local images: Verify reads what was captured
// back, and fails when it is not what the image's digest was taken over. It changes
// nothing.
type Verifier interface {
	Verify(ctx context.Context, img image.Image) error
}

// Gater is optional on a Machine: it makes the machine ready for a gate by
// starting it the way the image will be started (services and all), and says
// whether there is an init system to boot at all.
type Gater interface {
	BootForGate(ctx context.Context) (booted bool, err error)
}

// Completer is optional on a Machine whose Capture makes of an image what gate 2 starts, and
// leaves its other forms for later.
type Completer interface {
	// Incomplete tells whether forms of a captured image are still to be made.
	Incomplete(img image.Image) bool
	// Complete makes them; it is called at most once, after Capture and before Close, and
	// runs beside gate 2. On error nothing is left of what it made.
	Complete(ctx context.Context, img image.Image, env Env) (image.Image, error)
}

// Publisher is optional on a Builder: what may happen only after gate 2 (copies,
// permissions, final tags and names).
type Publisher interface {
	Publish(ctx context.Context, img image.Image, env Env) (image.Image, error)
}

// Placer is optional on a Publisher that moves the image to a place the user chose:
// what is there already is noticed before anything starts.
type Placer interface {
	// Places returns the paths of the files or directories that the image of a build of
	// that name will be; those in the home are not among them.
	Places(build string) []string
}

// Child is optional on a Builder whose machines start from another image of the
// catalog. Builds of one command line wait for the build that makes their parent.
type Child interface {
	// Parent returns the reference as the catalog takes it (name, name:version, a
	// digest), or "". Build records the version that it leads to.
	Parent() string
}

// Outputter is optional on a Builder: OutputKey adds what decides the form and the
// place of the captured image but not the content of the layers (format, squash,
// prove_boot, output directory).
type Outputter interface {
	OutputKey(h *cache.Hash)
	// ImageName is the name under which the image is recorded; "" for the source's.
	ImageName() string
}

// Keeper is optional on a Builder whose template may say that some residue stays
// in the image: names of seal rules to leave out.
type Keeper interface {
	KeepResidue() []string
}

// Located is optional on a Builder whose resources lie in a particular place, which
// a reaper has to know (a state directory, a region). It holds no secrets.
type Located interface {
	Where() ledger.Where
}

// Machineless is optional on a Builder that can make its artifact without a machine
// (null, file): then nothing runs in which checks could be asked, the build has no
// gates, and the catalog records nothing. Connect of what Start returns gives None.
type Machineless interface {
	Machineless() bool
}

// Imageless is optional on a Builder of machines that are not its own (null over SSH):
// steps run in them, and nothing is sealed, captured or recorded. Where the template
// has checks they are asked once, in the machine; what Capture returns goes to the
// post-processors.
type Imageless interface {
	Imageless() bool
}

// Describer is optional on a Machine: what build.* and {{build `X`}} say once it
// is connected (ID, Host, Port, User, ConnType …).
type Describer interface {
	Vars() map[string]string
}

// Surrounded is optional on a Machine that a look from inside shows more of than
// is its own. Gates leave that out.
type Surrounded interface {
	Surroundings() Surroundings
}

// Surroundings of a machine that are no part of its image.
type Surroundings struct {
	HostKernel bool     // it runs on this host's kernel, with a network namespace of its own
	Ports      []string // that the builder listens on inside the machine: "tcp:127.0.0.1:53"
}

// Entering is optional on a Machine: how a person gets into it from a terminal of
// the same host, as one command line, e.g. for a machine left by build --keep.
type Entering interface {
	EnterCommand() string
}

// DataSource reads a value that templates use before anything is built.
type DataSource interface {
	// Read returns the attributes of data.TYPE.NAME, as an object. It changes
	// nothing outside, and it may be asked for the same more than once.
	Read(ctx context.Context) (cty.Value, error)
}

// Requirement is something that a builder needs of the machine it runs on.
type Requirement struct {
	For     string       // what it makes possible: "a base from mmdebstrap"
	Package string       // Debian package that brings it, or ""
	Check   func() error // nil when it is there; else what is missing
	// Optional is set for what only some templates need.
	Optional bool
}
