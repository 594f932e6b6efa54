package template

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// At marks err as belonging to an option of the block. Options of nested blocks
// are written with a dot, elements of lists and repeated blocks with their index:
// "output.format", "disk[1].size". The error does not count when the value of the
// option is not known yet.
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

// Warning makes a warning of err, and of all that is joined in it: it is reported, but
// what was opened is used.
func Warning(err error) error {
	if err == nil {
		return nil
	}
	return &warningError{err}
}

type warningError struct{ err error }

func (e *warningError) Error() string { return e.err.Error() }
func (e *warningError) Unwrap() error { return e.err }

// OneOf is the error of an option that has none of its values. An empty value is fine.
func OneOf(option, value string, known ...string) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	list := strings.Join(known[:len(known)-1], ", ")
	if list != "" {
		list += " or "
	}
	return At(option, fmt.Errorf("%q is not known: use %s", value, list+known[len(known)-1]))
}

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
	for name := range strings.SplitSeq(option, ".") {
		if name, _, _ = strings.Cut(name, "["); p.reported[name] {
			return true
		}
	}
	return false
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
	case *warningError:
		var diags Diagnostics
		placer{p.block, p.node, &diags, p.reported}.place(e.err)
		for _, d := range diags {
			d.Warning = true
			*p.diags = append(*p.diags, d)
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
	var warning *warningError
	*p.diags = append(*p.diags, Diagnostic{
		Warning: errors.As(at.err, &warning), Pos: pos, Summary: e.masked(at.Error()), Detail: e.origin(),
	})
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
		if name, _, _ = strings.Cut(name, "["); name != "" {
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
	for name := range strings.SplitSeq(option, ".") {
		if e = p.at(n, name); e == nil {
			return pos, nil
		}
		pos, n = e.node.pos, e.node
	}
	return pos, e
}

// at returns the entry of a name, or the one that NAME[INDEX] means: an element of a
// list, or one of several blocks. nil: there is none.
func (p placer) at(n *node, name string) *entry {
	name, rest, indexed := strings.Cut(name, "[")
	var given []*entry
	for _, e := range n.items {
		if !e.isNull() && (e.name == name || p.block.isLegacy() && strings.EqualFold(e.name, name)) {
			given = append(given, e)
		}
	}
	if len(given) == 0 {
		return nil
	}
	last := given[len(given)-1]
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	switch {
	case !indexed || err != nil || index < 0:
	case len(given) > 1 && index < len(given):
		return given[index]
	case last.kind == listNode && index < len(last.list):
		return &entry{name: name, pos: last.pos, node: last.list[index]}
	}
	return last
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

// masked takes sensitive values out of a message about the entry, as they are and quoted.
func (e *entry) masked(msg string) string {
	if e == nil {
		return msg
	}
	return e.node.masked(msg)
}

func (n *node) masked(msg string) string {
	for _, sub := range n.list {
		msg = sub.masked(msg)
	}
	for _, sub := range n.items {
		msg = sub.masked(msg)
	}
	if n.kind != scalarNode || !n.isSecret() {
		return msg
	}
	s, err := n.text(nil)
	if err != nil || s == "" {
		return msg
	}
	quoted := strconv.Quote(s)
	return strings.NewReplacer(s, shownSensitive, quoted[1:len(quoted)-1], shownSensitive).Replace(msg)
}
