package machine

import "context"

// SealRule names residue of a build that must not be in an image. One list of
// rules serves the builder that seals offline, the script that seals over a
// communicator, and the check of gate 2 that it is gone.
type SealRule struct {
	// Name is for people, and what a template's keep list takes: "machine-id".
	// Several rules may share one.
	Name string
	// Paths are absolute, with *, ? and [a-z] as in path.Match for each element; a
	// trailing "/**" means everything below that directory, but not itself. Links
	// on the way are followed as the machine does, unless a wildcard stands for one
	// and the path ends with another: "/var/log/*/*" is never in /etc. What is named
	// is not followed.
	Paths []string
	Do    SealAction
	// Marker selects, for DropLines and RemoveMarked, what is ours.
	Marker string
	// Why it must not be in an image, for people.
	Why string
	// Again is put into the machine when the rule, a Remove, has removed something
	// that machines started from the image cannot do without.
	Again Again
}

// Again makes anew in each machine what must not be in its image: a unit of
// systemd, for example. It is no residue. The zero value makes nothing.
type Again struct {
	// Files are written, and Links made, in this order. When one of these paths is
	// there already, whatever it is, nothing is done: somebody has decided.
	Files []AgainFile
	Links []AgainLink
	// Needs are paths without which it could not work.
	Needs []string
	// Unless names regular files, as SealRule.Paths does, links to such included: one
	// that contains Mark does the same already.
	Unless []string
	Mark   string
}

// AgainFile is a file of root's that everybody can read.
type AgainFile struct{ Path, Text string }

// AgainLink is a symbolic link.
type AgainLink struct{ Path, Target string }

// SealAction is what happens to what a rule's paths name.
type SealAction int

const (
	Remove       SealAction = iota // the file, link or tree is removed
	Truncate                       // a regular file becomes empty, a missing one stays missing
	DropLines                      // lines that contain Marker are removed
	RemoveMarked                   // a regular file that contains Marker is removed
	RemoveFiles                    // as Remove, but directories stay, without a file in them
)

// Marker stands in every file and line that a build plants in a machine for its
// own purposes and that must be gone afterwards.
const Marker = "proofmark-temporary"

// Sealer is optional on a Machine whose files can be reached without running
// anything in it. Others are sealed by a script through the communicator. Links
// in the machine are never followed out of it.
type Sealer interface {
	// Seal applies the rules to the machine's files while nothing runs in it.
	Seal(ctx context.Context, rules []SealRule) error
	// Residue tells what the rules find in the files of a machine that was never
	// started: gate 2 asks it before the first boot makes a machine id anew.
	Residue(ctx context.Context, rules []SealRule) ([]Residue, error)
}

// Residue is one thing found that a rule says must not be in an image.
type Residue struct {
	Rule string // SealRule.Name
	Path string
	What string // "present", "not empty", "holds a temporary line"
}
