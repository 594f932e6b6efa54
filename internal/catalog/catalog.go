// Package catalog records what images exist and what was made from what.
package catalog

import (
	"context"
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

// ErrNotFound is returned when no image answers to a reference.
var ErrNotFound = errors.New("no such image")

// Status of a version.
type Status string

const (
	Proven   Status = "proven"   // both gates held, with checks of its own
	Unproven Status = "UNPROVEN" // both gates held, but it has no checks of its own
	Refused  Status = "refused"  // checks that were added or changed later do not hold
)

// Version is one image as recorded. Sensitive variables appear as digests.
type Version struct {
	Name     string      `json:"name"`
	Version  int         `json:"version"`   // counts from 1 for each name; given by Add
	Key      string      `json:"key"`       // over layers, output settings: same key, same image
	ProofKey string      `json:"proof_key"` // over specs, probe version, boot settings: same key, same proof
	Image    image.Image `json:"image"`
	Status   Status      `json:"status"`
	Created  time.Time   `json:"created"`

	Build          string            `json:"build"` // build name in the template
	Run            string            `json:"run"`
	Template       string            `json:"template"` // path as given
	TemplateDigest string            `json:"template_digest"`
	Commit         string            `json:"commit,omitempty"` // of the template's directory, "+dirty" when changed
	Labels         map[string]string `json:"labels,omitempty"`
	Variables      []Variable        `json:"variables,omitempty"`
	Parent         *Ref              `json:"parent,omitempty"`
	Steps          []Step            `json:"steps"`
	Checks         []Check           `json:"checks"`
	Content        Content           `json:"content"`
	Log            string            `json:"log"`    // path
	Report         string            `json:"report"` // path of the HTML report
	Tool           string            `json:"tool"`   // version of Proofmark
}

// Ref names one version of an image.
type Ref struct {
	Name    string       `json:"name"`
	Version int          `json:"version"`
	Digest  image.Digest `json:"digest"`
}

// Variable of the template. Value is a keyed digest when Sensitive.
type Variable struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Sensitive bool   `json:"sensitive,omitempty"`
}

// Step of the build, the base included.
type Step struct {
	Name   string        `json:"name"`
	Took   time.Duration `json:"took"`             // of the run that really made it
	Cached bool          `json:"cached,omitempty"` // came from a layer
	Made   time.Time     `json:"made"`             // when it really ran
}

// Check as it came out at a gate.
type Check struct {
	Gate        int    `json:"gate"` // 1 or 2
	Source      string `json:"source"`
	Subject     string `json:"subject"`
	Description string `json:"description"`
	Pos         string `json:"pos,omitempty"`
	Verdict     string `json:"verdict"`
	Wanted      string `json:"wanted,omitempty"`
	Found       string `json:"found,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Command     string `json:"command,omitempty"`
}

// Content is what the image holds. All lists are sorted.
type Content struct {
	OS       string            `json:"os"`
	Arch     string            `json:"arch"`
	Packages []Package         `json:"packages"`
	Etc      map[string]string `json:"etc"`
	Services map[string]string `json:"services"`
	Ports    []string          `json:"ports"`
	Users    []string          `json:"users"`
}

// Package installed in the image.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Arch    string `json:"arch"`
	Manager string `json:"manager"`
}

// Catalog is the record of images, in one SQLite file. It is safe for concurrent
// use by goroutines and processes.
type Catalog struct{}

// Open opens the catalog at path. The file is made by the first Add, not before:
// a catalog that is not there is empty.
func Open(path string) (*Catalog, error) { return nil, errors.ErrUnsupported }

// Close closes it.
func (c *Catalog) Close() error { return nil }

// Add records a version and returns it with its number.
func (c *Catalog) Add(ctx context.Context, v Version) (Version, error) {
	return v, errors.ErrUnsupported
}

// Update replaces a version's proof: Status, ProofKey, Checks, Content, Report, Log.
func (c *Catalog) Update(ctx context.Context, v Version) error { return errors.ErrUnsupported }

// ByKey returns the newest version of name with this key, or ErrNotFound.
func (c *Catalog) ByKey(ctx context.Context, name, key string) (Version, error) {
	return Version{}, errors.ErrUnsupported
}

// Get finds a version by reference: "name" (the newest that is not refused),
// "name:3", or a unique beginning (8 digits or more) of a digest.
func (c *Catalog) Get(ctx context.Context, ref string) (Version, error) {
	return Version{}, errors.ErrUnsupported
}

// List returns the versions of name, or of all names when it is "", newest first,
// without Checks and Content.
func (c *Catalog) List(ctx context.Context, name string) ([]Version, error) {
	return nil, errors.ErrUnsupported
}

// Remove forgets a version. It refuses (naming them) while other versions have it
// as parent, unless force.
func (c *Catalog) Remove(ctx context.Context, ref string, force bool) (Version, error) {
	return Version{}, errors.ErrUnsupported
}

// Diff tells what changed from one version to another.
func Diff(from, to Version) Difference { return Difference{} }

// Difference of two versions. Entries of Etc, Services, Ports, Users are sorted.
type Difference struct {
	From, To Ref
	Packages []Change `json:"packages"` // Name is the package, Old and New its versions
	Etc      []Change `json:"etc"`
	Services []Change `json:"services"`
	Ports    []Change `json:"ports"`
	Users    []Change `json:"users"`
	Checks   []Change `json:"checks"` // Name is subject and description, Old and New the verdicts at gate 2
	Labels   []Change `json:"labels"`
	SizeOld  int64    `json:"size_old"`
	SizeNew  int64    `json:"size_new"`
}

// Change of one thing: Old is empty when it was added, New when it was removed.
type Change struct {
	Name string `json:"name"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}
