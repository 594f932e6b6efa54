package catalog

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

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
	Processed      *Processed        `json:"processed,omitempty"`
}

// Processed is what post-processors made of an image.
type Processed struct {
	Key       string     `json:"key"`       // over their configuration and what they read
	By        string     `json:"by"`        // the build that ran them: run and name
	Artifacts []Artifact `json:"artifacts"` // what came of it, in order
	Outputs   []string   `json:"outputs"`   // absolute paths of all files that they made where the template says
}

// Artifact is one thing that a build leaves to its users.
type Artifact struct {
	Builder string   `json:"builder_id"` // who made it, as Packer names it
	ID      string   `json:"id"`
	Text    string   `json:"text"` // for people
	Files   []string `json:"files,omitempty"`
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
