package template

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// At marks err as belonging to an option of the block. Options of nested blocks
// are written with a dot: "output.format", and "disk.1.size" for the second of a list. The error does not count when the value
// of the option is not known yet.
func At(option string, err error) error {
	if err == nil {
		return nil
	}
	return &atError{option, err}
}

type atError struct {
	option string
	err    error
}

func (e *atError) Error() string { return e.option + ": " + e.err.Error() }
func (e *atError) Unwrap() error { return e.err }

// Missing is the error of a required option that is not given or empty; of several
// options one is enough. It does not count when the value of one of them is not
// known yet.
func Missing(options ...string) error { return &missingError{options} }

type missingError struct{ options []string }

func (e *missingError) Error() string {
	quoted := make([]string, len(e.options))
	for i, o := range e.options {
		quoted[i] = strconv.Quote(last(o))
	}
	return "needs option " + strings.Join(quoted, " or ")
}

// IfKnown marks err, or all that is joined in it, as following from the values of
// options: it does not count when one of them is not known yet.
func IfKnown(err error, options ...string) error {
	if err == nil {
		return nil
	}
	return &knownError{err, options}
}

type knownError struct {
	err     error
	options []string
}

func (e *knownError) Error() string { return e.err.Error() }
func (e *knownError) Unwrap() error { return e.err }

// Warn is a warning at an option: what open makes is used. It does not count when the
// value of the option is not known yet.
func Warn(option, summary string) error { return &warnError{option, summary} }

type warnError struct{ option, summary string }

func (e *warnError) Error() string { return e.option + ": " + e.summary }

// placer reports what open said at the places that it named.
type placer struct {
	block *Block
	node  *node
	diags *Diagnostics
	// reported are the options, without the names of blocks around them, that are
	// known to be wrong. When there are any, open saw a configuration without them,
	// so that only errors that name another option count.
	reported map[string]bool
}

func (p placer) isReported(option string) bool {
	return p.reported[last(option)]
}

func (p placer) place(err error) {
	switch e := err.(type) {
	case *knownError:
		if !slices.ContainsFunc(e.options, p.waits) {
			p.place(e.err)
		}
		return
	case *missingError:
		p.missing(e)
		return
	case *warnError:
		if !p.waits(e.option) {
			pos, _ := p.find(e.option)
			p.diags.warn(pos, "", "%s", e.Error())
		}
		return
	case interface{ Unwrap() []error }:
		for _, e := range e.Unwrap() {
			p.place(e)
		}
		return
	}
	var at *atError
	if !errors.As(err, &at) {
		if len(p.reported) == 0 {
			p.diags.addErr(p.block.Pos, err)
		}
		return
	}
	if p.waits(at.option) || p.isReported(at.option) {
		return
	}
	pos, e := p.find(at.option)
	p.diags.add(pos, e.origin(), "%s", e.masked(at.Error()))
}

// missing reports that none of some options is given.
func (p placer) missing(m *missingError) {
	if slices.ContainsFunc(m.options, func(o string) bool { return p.waits(o) || p.isReported(o) }) {
		return
	}
	for _, o := range m.options {
		if pos, e := p.find(o); e != nil && e.kind == scalarNode {
			why := "required"
			if len(m.options) > 1 {
				why = "the block " + m.Error()
			}
			p.diags.add(pos, e.origin(), "option %q is empty, but %s", last(o), why)
			return
		}
	}
	pos, _ := p.find(m.options[0])
	what := p.block.Type
	for name := range strings.SplitSeq(around(m.options[0]), ".") {
		if _, err := strconv.Atoi(name); err != nil && name != "" {
			what = name
		}
	}
	p.diags.add(pos, "", "%s %s", label("block", what), m.Error())
}

// last is the name of an option without those of blocks around it, and around is them.
func last(option string) string { return option[strings.LastIndexByte(option, '.')+1:] }

func around(option string) string {
	return strings.TrimSuffix(option[:len(option)-len(last(option))], ".")
}

// find looks for an option. When it is not given, e is nil and pos is that of the
// nearest block around it.
func (p placer) find(option string) (pos Pos, e *entry) {
	pos, n := p.block.Pos, p.node
	names := strings.Split(option, ".")
	for i := 0; i < len(names); i++ {
		given := p.given(n, names[i])
		if len(given) == 0 {
			return pos, nil
		}
		e = given[len(given)-1]
		if i+1 < len(names) {
			if nth, err := strconv.Atoi(names[i+1]); err == nil && nth >= 0 {
				i++
				e = element(given, nth)
			}
		}
		pos, n = e.node.pos, e.node
	}
	return pos, e
}

// given lists the entries of a name.
func (p placer) given(n *node, name string) (out []*entry) {
	for _, e := range n.items {
		if !e.isNull() && (e.name == name || p.block.isLegacy() && strings.EqualFold(e.name, name)) {
			out = append(out, e)
		}
	}
	return out
}

// element is one of a list, which may be written as a block for each.
func element(given []*entry, nth int) *entry {
	e := given[len(given)-1]
	switch {
	case len(given) > 1 && nth < len(given):
		return given[nth]
	case e.kind == listNode && nth < len(e.list):
		return &entry{name: e.name, pos: e.pos, node: e.list[nth]}
	}
	return e
}

// waits tells whether the value of an option is not known yet, or missing because of
// a variable whose absence has been reported.
func (p placer) waits(option string) bool {
	_, e := p.find(option)
	return e != nil && (e.isOpen() || e.isUnset())
}

// isUnset tells whether a value comes from a variable whose absence has been reported.
func (e *entry) isUnset() bool {
	return e.scope != nil && e.scope.unset != nil && slices.ContainsFunc(e.variables(), e.scope.unset)
}

// origin says which variables a value comes from.
func (e *entry) origin() string {
	if e == nil || e.kind != scalarNode {
		return ""
	}
	vars := e.variables()
	if len(vars) == 0 {
		return ""
	}
	return "its value comes from the variable " + strings.Join(vars, ", ")
}

// masked takes a sensitive value out of a message about it.
func (e *entry) masked(msg string) string {
	if e == nil || e.kind != scalarNode || !e.isSecret() {
		return msg
	}
	if s, err := e.text(nil); err == nil && s != "" {
		return strings.ReplaceAll(msg, s, "<sensitive>")
	}
	return msg
}
