// Package verify asks a machine what is true in it and compares that with what
// somebody promised. Evaluation never touches the machine: a spec reads facts,
// and a fact that is not known yet becomes a question and leaves only that check
// open. The session sends all open questions together and evaluates again.
package verify

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Verdict of one check.
type Verdict string

const (
	Pass    Verdict = "pass"
	Fail    Verdict = "fail"
	Unknown Verdict = "could not check" // refuses, like Fail, but is told apart in reports
	Skipped Verdict = "skipped"         // left out by the spec itself: neither proof nor refusal, but reports count it
	Open    Verdict = "open"            // questions are still unanswered; never in a final result
)

// Result of one check.
type Result struct {
	Source      string        `json:"source"`            // "sanity", "seal", "inline", "goss", "serverspec"
	Groups      []string      `json:"groups,omitempty"`  // titles of what the subject stands in, outermost first
	Subject     string        `json:"subject"`           // e.g. `Service "nginx"`
	Description string        `json:"description"`       // e.g. `is running`
	Full        string        `json:"full,omitempty"`    // all of it as one name, where Name would not say it so
	Pos         template.Pos  `json:"pos"`               // where the check stands; zero for built-in ones
	Verdict     Verdict       `json:"verdict"`           //
	Wanted      string        `json:"wanted,omitempty"`  // for Fail
	Found       string        `json:"found,omitempty"`   // for Fail
	Reason      string        `json:"reason,omitempty"`  // for Unknown and Skipped
	Command     string        `json:"command,omitempty"` // shows the same by hand
	Took        time.Duration `json:"took,omitempty"`
	// Wait is how long after the first questions the check is asked again when it does
	// not hold, because it may come to hold by itself: a service that opens its port a
	// moment after it was started. 0: not at all.
	Wait time.Duration `json:"-"`
}

// Name is all that the result is called: Full, or the groups, the subject and the
// description, as they are.
func (r Result) Name() string {
	if r.Full != "" {
		return r.Full
	}
	var words []string
	for _, w := range slices.Concat(r.Groups, []string{r.Subject, r.Description}) {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// DefaultWait is what specs wait for when nothing else is said.
const DefaultWait = 10 * time.Second

// Spec is a set of checks from one place. Evaluate reads facts from the session
// and must give the same checks in the same order whenever it is called with the
// same facts; a check whose facts are not all known is Open.
type Spec interface {
	Evaluate(ctx context.Context, s *Session) []Result
}

// Digester is optional on a Spec whose checks depend on more than its files, such
// as variables and the environment: a digest over the checks as they came out.
type Digester interface {
	Digest() string
}

// Versioned is optional on a Spec: the version of what reads and judges its checks.
// It goes up whenever the same checks may come out otherwise: images that an older
// one has proven are then proven again.
type Versioned interface {
	Version() string
}

// Files is optional on a Spec: the files it was read from, whose content is an
// input of the image.
type Files interface {
	Files() []string
}
