package serverspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// portListening keeps what a port was asked with, as ServerSpec does; but not what it
// refuses.
func (r *run) portListening(c *ruby.Call) (ruby.Value, error) {
	t := thingOf(c.Self)
	args := []ruby.Value{t.kept["with"], t.kept["on"]}
	for i := range args {
		if !ruby.IsNil(c.Arg(i)) {
			args[i] = c.Arg(i)
		}
		if args[i] == nil {
			args[i] = ruby.Nil{}
		}
	}
	v, err := r.ask(c.Self, "listening?", args)
	if _, raised := err.(*ruby.Raise); !raised {
		t.kept["with"], t.kept["on"] = args[0], args[1]
	}
	return v, err
}

// cgroupParameter is one of two words in a row: the first, a subsystem, stays.
func (r *run) cgroupParameter(c *ruby.Call) (ruby.Value, error) {
	t := thingOf(c.Self)
	subsystem, ok := t.kept["subsystem"]
	if !ok {
		t.kept["subsystem"] = ruby.Str(c.NameArg(0))
		return c.Self, nil
	}
	name, err := r.in.ToS(subsystem)
	if err != nil {
		return nil, err
	}
	return r.ask(c.Self, strings.Join([]string{name, c.NameArg(0)}, "."), nil)
}

// fstabEntry answers, and leaves the options of a line that is there among the other
// fields that the spec has named: ServerSpec does, and it shows in descriptions.
func (r *run) fstabEntry(c *ruby.Call) (ruby.Value, error) {
	v, err := r.ask(c.Self, "has_entry?", c.Args)
	if err != nil {
		return v, err
	}
	there, err := r.ask(c.Self, "line", c.Args)
	if err != nil || !ruby.Truthy(there) {
		return v, err
	}
	entry, ok := c.Args[0].(*ruby.Hash)
	if !ok {
		return v, nil
	}
	options, ok := entry.Symbol("options").(*ruby.Hash)
	if !ok {
		return v, nil
	}
	if _, err := r.in.Call(entry, "merge!", options); err != nil {
		return nil, err
	}
	_, err = r.in.Call(entry, "delete", ruby.Symbol("options"))
	return v, err
}

// contentAsYAML is a file's content as its YAML says.
func (r *run) contentAsYAML(c *ruby.Call) (ruby.Value, error) {
	text, err := r.ask(c.Self, "content", nil)
	if err != nil {
		return nil, err
	}
	if _, err := r.in.Call(r.in.Main, "require", ruby.Str("yaml")); err != nil {
		return nil, err
	}
	yaml, _ := r.in.Object.Const("YAML")
	return r.in.Call(yaml, "load", text)
}
