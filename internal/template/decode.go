package template

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// decode fills a configuration struct from the block's body. The node is returned
// for the places of its options. When all that is wrong is that options are missing
// or unknown, reported holds their names.
func (b *Block) decode(s *schema, v reflect.Value, late map[string]string) (n *node, reported map[string]bool, diags Diagnostics) {
	if s.field(labelsOption) != nil { // the kind has an option of that name as well
		b = b.keeping(labelsOption)
	}
	n, diags = b.eval(late)
	if n == nil || diags.Err() != nil {
		return n, nil, diags
	}
	d := &decoder{late: late, scope: b.scope, numbers: b.isLegacy(), diags: append(Diagnostics(nil), diags...), reported: map[string]bool{}}
	d.body(s, v, n, b.Pos, label("block", b.Type))
	if len(d.diags.Errors()) > d.absences {
		return n, nil, d.diags
	}
	return n, d.reported, d.diags
}

// labelsOption is what a source may have whatever its kind.
const labelsOption = "labels"

func (b *Block) isLegacy() bool { return b.scope != nil && b.scope.legacy }

// decoder turns nodes into Go values and collects everything that is wrong.
type decoder struct {
	late  map[string]string
	scope *scope // of defaults; nil: their placeholders stay
	// numbers: a duration may be a number, as in legacy JSON.
	numbers bool
	diags   Diagnostics
	// reported are the options that are missing or unknown, absences how many errors
	// say so.
	reported map[string]bool
	absences int
	fields   []string // of the option that is decoded
}

// absence reports that an option is missing or unknown.
func (d *decoder) absence(option string, at Pos, detail, format string, args ...any) {
	d.reported[option] = true
	d.absences++
	d.diags.add(at, detail, format, args...)
}

// body decodes an object or block into a struct.
func (d *decoder) body(s *schema, v reflect.Value, n *node, at Pos, what string) {
	var rest node
	rest.kind, rest.pos = blockNode, n.pos
	given := map[string][]*entry{}
	for _, e := range n.items {
		f := s.field(e.name)
		if f == nil && d.scope != nil && d.scope.legacy {
			f = s.fold(e.name)
		}
		switch {
		case f != nil:
			given[f.name] = append(given[f.name], e)
		case s.rest != nil:
			rest.items = append(rest.items, e)
		default:
			d.absence(e.name, e.pos, didYouMean(e.name, s.names()), "unknown option %q", e.name)
		}
	}
	for i := range s.fields {
		d.option(&s.fields[i], v.FieldByIndex(s.fields[i].index), given[s.fields[i].name], at, what)
	}
	if s.rest != nil {
		v.FieldByIndex(s.rest).Set(reflect.ValueOf(*rest.tree(&d.diags)))
	}
}

// option decodes what was given for one field.
func (d *decoder) option(f *field, v reflect.Value, given []*entry, at Pos, what string) {
	present := given[:0:0]
	for _, e := range given {
		if !e.isNull() {
			present = append(present, e)
		}
	}
	if len(present) == 0 {
		d.absent(f, v, at, what)
		return
	}
	if f.recorded {
		for _, e := range present {
			d.noSecret(f.name, e.node)
		}
	}
	d.fields = f.fields
	if f.typ.Kind() == reflect.Slice && (len(present) > 1 || present[0].kind == blockNode) {
		list := &node{kind: listNode, pos: present[0].node.pos}
		for _, e := range present {
			list.list = append(list.list, e.node)
		}
		d.value(f.name, v, list)
		return
	}
	if len(present) > 1 {
		d.diags.add(present[1].pos, "give it once", "option %q is given %d times", f.name, len(present))
		return
	}
	e := present[0]
	before := len(d.diags)
	d.value(f.name, v, e.node)
	if f.hasDef && len(d.diags) == before && isEmptyText(v) && e.kind == scalarNode && !d.waits(e.node) {
		d.setDefault(f, v) // as in Packer, where an empty string is an option not given
		return
	}
	if f.required && len(d.diags) == before && v.IsZero() && e.kind == scalarNode && !e.isOpen() && f.typ.Kind() == reflect.String {
		if e.isUnset() {
			return // told where the variable is declared
		}
		d.absence(f.name, e.node.pos, e.origin(), "option %q is empty, but required", f.name)
	}
}

// isEmptyText tells whether a string or a Late has no text.
func isEmptyText(v reflect.Value) bool {
	if l, ok := v.Interface().(Late); ok {
		return l.source == ""
	}
	return v.Kind() == reflect.String && v.Len() == 0
}

// noSecret reports sensitive values in an option that is recorded.
func (d *decoder) noSecret(name string, n *node) {
	if n.kind == scalarNode && n.isSecret() {
		d.diags.add(n.pos, "it names what is recorded for others to read: leave the sensitive part out", "option %q holds a sensitive value", name)
	}
	for _, e := range n.list {
		d.noSecret(name, e)
	}
	for _, e := range n.items {
		d.noSecret(name, e.node)
	}
}

// absent handles an option that is not given.
func (d *decoder) absent(f *field, v reflect.Value, at Pos, what string) {
	switch {
	case f.hasDef:
		d.setDefault(f, v)
	case f.required:
		d.absence(f.name, at, f.doc, "%s needs option %q", what, f.name)
	case v.Kind() == reflect.Struct && v.Type() != lateType && v.Type() != treeType:
		// Its own required options are not wanted when the block is not there.
		s := schemaOf(v.Type())
		for i := range s.fields {
			if f := s.fields[i]; !f.required {
				d.absent(&f, v.FieldByIndex(f.index), at, what)
			}
		}
	}
}

// setDefault gives an option its default, which may hold {{ }} like a given value.
// One that cannot be set is a mistake in the program.
func (d *decoder) setDefault(f *field, v reflect.Value) {
	text := f.def
	if d.scope != nil && interpolate.Has(text) {
		if f.typ == lateType {
			v.Set(reflect.ValueOf(Late{source: text, scope: d.scope, late: d.late}))
			return
		}
		n := &node{leaf: leaf{val: cty.StringVal(text), scope: d.scope, late: d.late}}
		if d.waits(n) {
			return
		}
		if out, err := n.text(nil); err == nil {
			text = out
		}
	}
	if err := setDefault(v, text); err != nil {
		panic(fmt.Sprintf("template: default %q of option %q: %s", f.def, f.name, err))
	}
}

// value decodes a node into a Go value.
func (d *decoder) value(name string, v reflect.Value, n *node) {
	if n.isNull() {
		return
	}
	if n.kind == scalarNode && d.waits(n) {
		return
	}
	switch v.Type() {
	case lateType:
		d.lateText(name, v, n)
		return
	case treeType:
		if n.kind != objectNode && n.kind != blockNode {
			d.wrong(name, n, "a block")
			return
		}
		v.Set(reflect.ValueOf(*n.tree(&d.diags)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.value(name, p.Elem(), n)
		v.Set(p)
	case reflect.Slice:
		d.slice(name, v, n)
	case reflect.Map:
		d.mapping(name, v, n)
	case reflect.Struct:
		if n.kind != objectNode && n.kind != blockNode {
			d.wrong(name, n, "a block")
			return
		}
		d.body(schemaOf(v.Type()), v, n, n.pos, label("block", name))
	default:
		d.scalar(name, v, n)
	}
}

// waits tells whether a scalar is not known yet.
func (d *decoder) waits(n *node) bool {
	if n.open {
		return true
	}
	use, err := n.use()
	return err == nil && use.Late() && d.late == nil
}

// lateText takes a string as it is written.
func (d *decoder) lateText(name string, v reflect.Value, n *node) {
	if n.kind != scalarNode {
		d.wrong(name, n, "a string")
		return
	}
	s, ok := n.raw()
	if !ok {
		s = d.plainText(n)
	}
	l := Late{source: s, scope: n.scope, late: d.late}
	if n.scope == nil {
		l.scope = &scope{env: &interpolate.Env{}}
	}
	if !d.inspect(name, n, s) {
		return
	}
	v.Set(reflect.ValueOf(l))
}

// inspect looks at a text that is rendered when it is used: whether it can be read,
// and whether what it asks for will be known then.
func (d *decoder) inspect(name string, n *node, s string) bool {
	use, err := interpolate.Inspect(s)
	if err == nil {
		err = use.Undefined()
	}
	if err != nil {
		d.badText(name, n, err)
		return false
	}
	for _, f := range use.Fields {
		if len(d.fields) > 0 && !slices.Contains(d.fields, f) {
			d.diags.warn(n.pos, didYouMean(f, d.fields), "option %q knows no {{.%s}}", name, f)
		}
	}
	return true
}

func (d *decoder) slice(name string, v reflect.Value, n *node) {
	elems := n.list
	switch {
	case n.kind == objectNode || n.kind == blockNode:
		if structOf(v.Type().Elem()) == nil && v.Type().Elem() != treeType {
			d.wrong(name, n, typeName(v.Type()))
			return
		}
		elems = []*node{n}
	case n.kind == scalarNode && n.scope != nil && n.scope.legacy:
		d.splitList(name, v, n)
		return
	case n.kind != listNode:
		d.wrong(name, n, "a "+typeName(v.Type()))
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, len(elems))
	for i, e := range elems {
		if e.isNull() {
			continue
		}
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(fmt.Sprintf("%s[%d]", name, i), x, e)
		out = reflect.Append(out, x)
	}
	v.Set(out)
}

// splitList takes a single string of legacy JSON for a list. It is rendered as a
// whole: a variable may hold several elements.
func (d *decoder) splitList(name string, v reflect.Value, n *node) {
	if v.Type().Elem() == lateType {
		d.splitLate(name, v, n)
		return
	}
	s, ok := d.render(name, n)
	if !ok || s == "" {
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, 1)
	for part := range strings.SplitSeq(s, ",") {
		x := reflect.New(v.Type().Elem()).Elem()
		if err := setDefault(x, part); err != nil {
			d.diags.add(n.pos, err.Error(), "option %q: a %s is needed, not %s", name, typeName(x.Type()), n.shown(quoteShort(part)))
			return
		}
		out = reflect.Append(out, x)
	}
	v.Set(out)
}

// splitLate cuts a text that is rendered when it is used.
func (d *decoder) splitLate(name string, v reflect.Value, n *node) {
	s, ok := n.raw()
	if !ok {
		s = d.plainText(n)
	}
	if !d.inspect(name, n, s) {
		return
	}
	var out []Late
	for part := range strings.SplitSeq(s, ",") {
		out = append(out, Late{source: part, scope: n.scope, late: d.late})
	}
	v.Set(reflect.ValueOf(out))
}

func (d *decoder) mapping(name string, v reflect.Value, n *node) {
	if n.kind == listNode && d.numbers && !slices.ContainsFunc(n.list, func(e *node) bool { return e.kind != objectNode }) {
		n = merged(n)
	}
	if n.kind != objectNode && n.kind != blockNode {
		d.wrong(name, n, "a "+typeName(v.Type()))
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, e := range n.items {
		if e.isNull() {
			continue
		}
		x := reflect.New(v.Type().Elem()).Elem()
		d.value(name+"."+e.name, x, e.node)
		out.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), x)
	}
	v.Set(out)
}

// merged makes one object of those of a list, which legacy JSON takes for it.
func merged(list *node) *node {
	out := &node{kind: objectNode, pos: list.pos}
	for _, o := range list.list {
		out.items = append(out.items, o.items...)
	}
	return out
}
