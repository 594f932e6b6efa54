package template

import (
	"reflect"
	"slices"
	"time"
)

// stepKeys are the options that every provisioner has. only and except hold for
// post-processors and verify blocks too.
type stepKeys struct {
	Only            []string      `opt:"only" doc:"builds that it takes part in"`
	Except          []string      `opt:"except" doc:"builds that it takes no part in"`
	PauseBefore     time.Duration `opt:"pause_before" doc:"time to wait before it"`
	Timeout         time.Duration `opt:"timeout" doc:"time that it may take"`
	MaxRetries      int           `opt:"max_retries" doc:"how often it is tried again when it fails"`
	Cache           *bool         `opt:"cache" doc:"false: run it in every build"`
	ContinueOnError bool          `opt:"continue_on_error" doc:"go on when it fails"`
	KeepInput       *bool         `opt:"keep_input_artifact" doc:"keep what it was made from"`
	Name            string        `opt:"name" doc:"name, for -except"`
}

// Which of them, and override, a kind of component has.
var (
	provisionerKeys   = []string{"only", "except", "pause_before", "timeout", "max_retries", "cache", "continue_on_error", "override"}
	postProcessorKeys = []string{"only", "except", "keep_input_artifact", "name"}
	hclStepKeys       = append([]string{"name"}, provisionerKeys...)
	verifyKeys        = []string{"only", "except"}
)

var stepSchema = schemaOf(reflect.TypeFor[stepKeys]())

// take decodes the keys that are the build's out of a block and hides them from
// the component.
func (b *Block) take(diags *Diagnostics, names ...string) stepKeys {
	n, evalDiags := b.eval(nil)
	*diags = append(*diags, evalDiags...)
	var keys stepKeys
	own := &node{kind: blockNode, pos: n.pos}
	for _, e := range n.items {
		if slices.Contains(names, e.name) && e.name != "override" {
			own.items = append(own.items, e)
		}
	}
	d := decoder{numbers: b.isLegacy()}
	d.body(stepSchema, reflect.ValueOf(&keys).Elem(), own, b.Pos, label("block", b.Type))
	*diags = append(*diags, d.diags...)
	if len(keys.Only) > 0 && len(keys.Except) > 0 {
		diags.add(n.get("except").pos, "keep one of them", "%s has both only and except", label("block", b.Type))
	}
	b.drop = append(b.drop, names...)
	b.first = nil
	return keys
}

// step makes a Step of a provisioner block. names are the keys that are the
// build's in its language, overrides those under which override knows this build, the one that counts most last.
func (b *Block) step(diags *Diagnostics, names []string, overrides ...string) (Step, stepKeys) {
	n, _ := b.eval(nil)
	var over *entry
	if n != nil {
		over = n.get("override")
	}
	keys := b.take(diags, names...)
	b.Name = keys.Name
	s := Step{
		Block: b, MaxRetries: keys.MaxRetries, ContinueOnError: keys.ContinueOnError,
		NoCache: keys.Cache != nil && !*keys.Cache,
	}
	if keys.PauseBefore != 0 {
		s.PauseBefore = keys.PauseBefore.String()
	}
	if keys.Timeout != 0 {
		s.Timeout = keys.Timeout.String()
	}
	if over == nil || over.isNull() {
		return s, keys
	}
	if over.kind != objectNode && over.kind != blockNode {
		diags.add(over.node.pos, "", "override is an object: the name of a build, and its options")
		return s, keys
	}
	for _, name := range overrides {
		o := over.get(name)
		if o == nil {
			continue
		}
		if o.kind != objectNode && o.kind != blockNode {
			diags.add(o.node.pos, "", "override of %q is an object with options", name)
			continue
		}
		b.over = append(b.over, overrideBody{b.body, name})
	}
	return s, keys
}

// overrideBody is what override says of one build.
type overrideBody struct {
	body
	name string
}

func (o overrideBody) eval(late map[string]string) (*node, Diagnostics) {
	n, diags := o.body.eval(late)
	for _, name := range []string{"override", o.name} {
		e := n.get(name)
		if e == nil || e.kind == scalarNode || e.kind == listNode {
			return &node{kind: blockNode}, diags
		}
		n = e.node
	}
	return n, diags
}

// wanted tells whether only and except let a component take part in a build that
// goes by any of the names.
func (k stepKeys) wanted(names ...string) bool {
	in := func(list []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(list, n) })
	}
	if len(k.Only) > 0 && !in(k.Only) {
		return false
	}
	return !in(k.Except)
}
