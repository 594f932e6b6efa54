package template

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Kind is one kind of component (a builder, a provisioner …): its name, the
// configuration it takes, and how to open it.
type Kind[T any] struct {
	Name    string
	Summary string
	// CleanName answers {{clean_resource_name}} in builds by this kind of builder;
	// nil: as it is done where nothing is said.
	CleanName func(string) string

	onlyValid bool // see Valid
	schema    func() *schema
	open      func(b *Block, late map[string]string) (T, Diagnostics)
}

// Define makes a kind from a configuration type C and a function that opens it.
// The configuration is a struct whose fields carry tags:
//
//	Suite    string        `opt:"suite" default:"bookworm" doc:"Debian suite"`
//	Inline   []string      `opt:"inline" doc:"…"`
//	Source   string        `opt:"source,required" doc:"…"`
//	Execute  Late          `opt:"execute_command" default:"chmod +x {{.Path}}; {{.Vars}} {{.Path}}"`
//	Output   *Output       `opt:"output" doc:"…"`            // nested block (struct) or list of blocks (slice of structs)
//	Execute  Late          `opt:"command" fields:"Path Vars"` // warns of other {{.Field}} placeholders
//	Path     string        `opt:"path,recorded"`             // takes nothing sensitive: ledger and catalog hold it as it is
//	Rest     Tree          `opt:",remain"`                   // everything, positions kept, not checked
//
// Field types: string, bool, *bool, int, int64, float64, time.Duration, []string, []int,
// map[string]string, Late, Tree, structs, pointers to, slices of and maps of these. An embedded struct's options count as the
// outer one's. As in Packer a single string is taken for a list by splitting on
// commas (legacy JSON only), and numbers and bools may be written as strings.
// A default is written as text; one of a list is split on commas; a block that is
// not given leaves a pointer nil, but a plain struct gets its defaults.
// A required option must be given and not be empty.
// open validates what tags cannot say; an error of it is reported at the block, one
// made by At, Missing, IfKnown or Warn at the option it names; several errors may be joined.
// It is called as well when required options are missing or unknown ones are given, so
// that everything is reported at once, and then its result is not used.
// Tags that make no sense panic when the kind is first used.
func Define[C, T any](name, summary string, open func(C) (T, error)) Kind[T] {
	sch := sync.OnceValue(func() *schema { return schemaOf(reflect.TypeFor[C]()) })
	return Kind[T]{
		Name: name, Summary: summary,
		schema: sch,
		open: func(b *Block, late map[string]string) (v T, diags Diagnostics) {
			var c C
			n, reported, diags := b.decode(sch(), reflect.ValueOf(&c).Elem(), late)
			if diags.Err() != nil && reported == nil {
				return v, diags
			}
			opened, err := open(c)
			if err != nil {
				placer{b, n, &diags, reported}.place(err)
			}
			if diags.Err() != nil {
				return v, diags
			}
			return opened, diags
		},
	}
}

// Options lists the kind's options in the order of the struct.
func (k Kind[T]) Options() []Option {
	if k.schema == nil {
		return nil
	}
	return k.schema().options()
}

// Set is an explicit list of kinds.
type Set[T any] struct{ kinds []Kind[T] }

// NewSet makes a set; two kinds of one name panic.
func NewSet[T any](kinds ...Kind[T]) Set[T] {
	sorted := slices.Clone(kinds)
	slices.SortFunc(sorted, func(a, b Kind[T]) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Name == sorted[i-1].Name {
			panic(fmt.Sprintf("template: two kinds are named %q", sorted[i].Name))
		}
	}
	return Set[T]{kinds: sorted}
}

// Kinds returns the kinds sorted by name.
func (s Set[T]) Kinds() []Kind[T] { return slices.Clone(s.kinds) }

// CleanName returns the named kind's CleanName: what Options.CleanName wants.
func (s Set[T]) CleanName(name string) func(string) string {
	for _, k := range s.kinds {
		if k.Name == name {
			return k.CleanName
		}
	}
	return nil
}

// Names returns the names of the kinds, sorted: what Options.Known wants.
func (s Set[T]) Names() []string {
	names := make([]string, 0, len(s.kinds))
	for _, k := range s.kinds {
		names = append(names, k.Name)
	}
	return names
}

// Component describes one kind, for reference pages and schemas.
type Component struct {
	Name, Summary string
	Options       []Option
	Open          bool // it takes options that are not listed
	Works         bool // this version runs it; else it only checks it
}

// Components describes the kinds, sorted by name.
func (s Set[T]) Components() []Component {
	out := make([]Component, 0, len(s.kinds))
	for _, k := range s.kinds {
		c := Component{Name: k.Name, Summary: k.Summary, Works: k.Works()}
		if k.schema != nil {
			sch := k.schema()
			c.Options, c.Open = sch.options(), sch.rest != nil
		}
		out = append(out, c)
	}
	return out
}

// Open decodes the block's body strictly and opens it. late holds the values of
// build.* ({{build `X`}}); nil before connect: then options that depend on it are
// zero and not required. The error is Diagnostics, or ErrOnlyValid.
func (s Set[T]) Open(b *Block, late map[string]string) (v T, err error) {
	var zero T
	v, diags := s.open(b, late)
	if err := diags.Err(); err != nil {
		return zero, err
	}
	if p, ok := any(v).(Partial); !s.Works(b.Type) || ok && !p.Runs() {
		return zero, fmt.Errorf("%s: %q is %w", b.Pos, b.Type, ErrOnlyValid)
	}
	return v, nil
}

// Check opens the block as far as it can be known before connect and throws the
// result away: all that is wrong with it, warnings included.
func (s Set[T]) Check(b *Block) Diagnostics {
	_, diags := s.open(b, nil)
	return diags
}

func (s Set[T]) open(b *Block, late map[string]string) (v T, diags Diagnostics) {
	defer func() { diags = diags.arrange(b.texts) }()
	for _, k := range s.kinds {
		if k.Name == b.Type && k.open != nil {
			return k.open(b, late)
		}
	}
	diags.add(b.Pos, didYouMean(b.Type, s.Names()), "unknown type %q", b.Type)
	return v, diags
}
