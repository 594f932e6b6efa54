package spec

import (
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// kind is one kind of thing that checks are about. Each has a file of its own;
// a new one is added to kinds.
type kind struct {
	name       string // as written: "kernel-param"
	title      string // in reports: "Kernel parameter"
	naming     string // the option that names the thing when its key does not: "path"
	options    map[string]optionType
	attributes []attribute // in the order of reports
	obvious    []want      // what is expected when nothing is written
	// malformed says what a name must look like that does not; nil: all names will do.
	malformed func(name string) string
	// settles tells whether an attribute may come to be as wanted by itself while a
	// system starts; nil: none does.
	settles func(r *resource, attribute string) bool
	// observe asks for what the attributes are. known is false when an answer is
	// outstanding, err says why there is none.
	observe func(s *verify.Session, r *resource) (st state, known bool, err error)
}

// want is an expectation that a spec did not write out.
type want struct {
	attribute string
	value     any
}

// attribute of a thing, which checks compare with a matcher.
type attribute struct {
	name    string
	aliases []string
	form    form
	// leads marks an attribute without which the others mean nothing: exists,
	// installed, listening … It comes first.
	leads     bool
	is, isNot string // for yes or no: "is running", "is not running"
	label     string // otherwise: "mode"; the name when empty
	plural    bool
	// hand is a command that shows the attribute. name is quoted for a shell.
	hand func(name string, r *resource, st state) string
}

// state is what is known of one thing.
type state struct {
	values  map[string]any    // by attribute; bool, int64, float64, string, []any, …
	absent  string            // why attributes other than the leading one have no value: "no such file"
	instead map[string]string // what to show as found in place of a value: "no answer: …"
	unknown map[string]string // why a value could not be had
	manager string            // of a package
	over    bool              // nothing of it will change by itself: it has failed
}

// optionType says how an option that is not an attribute is read.
type optionType int

const (
	optText     optionType = iota
	optFlag                // true, false, yes, no, on, off
	optDuration            // a number of milliseconds, or "2s"
	optNumber              //
	optLines               // a list of texts
	optAny                 // not looked at
)

// common options of every kind. Retries are the session's business: it asks again
// as long as it was told to.
var common = map[string]optionType{
	"title": optText, "meta": optAny, "skip": optFlag,
	"retry-count": optNumber, "retry-delay": optDuration,
}

// kinds lists every kind of resource.
func kinds() []*kind {
	return []*kind{
		addrKind(), commandKind(), dnsKind(), fileKind(), groupKind(), httpKind(), interfaceKind(), kernelParamKind(),
		matchingKind(), mountKind(), packageKind(), portKind(), processKind(), serviceKind(), userKind(),
	}
}

// asking makes an observe function of a question and what its fact says.
func asking[F any](question func(r *resource) probe.Question, tell func(r *resource, fact F) state) func(*verify.Session, *resource) (state, bool, error) {
	return func(s *verify.Session, r *resource) (state, bool, error) {
		fact, known, err := verify.Fact[F](s, question(r))
		if !known || err != nil {
			return state{}, known, err
		}
		return tell(r, fact), true, nil
	}
}

// always is for kinds all of whose attributes settle.
func always(*resource, string) bool { return true }

// find returns the attribute of that name.
func (k *kind) find(name string) *attribute {
	name = canonical(name)
	for i := range k.attributes {
		a := &k.attributes[i]
		if a.name == name {
			return a
		}
		for _, alias := range a.aliases {
			if alias == name {
				return a
			}
		}
	}
	return nil
}

// option returns how an option is read.
func (k *kind) option(name string) (optionType, bool) {
	name = canonical(name)
	if name == k.naming && name != "" {
		return optText, true
	}
	if t, ok := k.options[name]; ok {
		return t, true
	}
	t, ok := common[name]
	return t, ok
}

// words lists every attribute and option.
func (k *kind) words() []string {
	var names []string
	for _, a := range k.attributes {
		names = append(names, a.name)
	}
	for o := range k.options {
		names = append(names, o)
	}
	if k.naming != "" {
		names = append(names, k.naming)
	}
	return append(names, "skip", "title", "meta")
}

// anyList turns texts into a list value.
func anyList(texts []string) []any {
	items := make([]any, len(texts))
	for i, s := range texts {
		items[i] = s
	}
	return items
}

// noun is how the attribute is called in descriptions.
func (a *attribute) noun() string {
	if a.label != "" {
		return a.label
	}
	return a.name
}

// word says yes or no: "is running", "is not running".
func (a *attribute) word(yes bool) string {
	if yes {
		return a.is
	}
	return a.isNot
}
