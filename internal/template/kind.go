package template

// Kind is one kind of component (a builder, a provisioner …): its name, the
// configuration it takes, and how to open it.
type Kind[T any] struct {
	Name    string
	Summary string
}

// Define makes a kind from a configuration type C and a function that opens it.
// The configuration is a struct whose fields carry tags:
//
//	Suite    string        `opt:"suite" default:"bookworm" doc:"Debian suite"`
//	Inline   []string      `opt:"inline" doc:"…"`
//	Source   string        `opt:"source,required" doc:"…"`
//	Execute  Late          `opt:"execute_command" default:"chmod +x {{.Path}}; {{.Vars}} {{.Path}}"`
//	Output   *Output       `opt:"output" doc:"…"`            // nested block (struct) or list of blocks (slice of structs)
//	Rest     Tree          `opt:",remain"`                   // everything, positions kept, not checked
//
// Field types: string, bool, *bool, int, int64, float64, time.Duration, []string, []int,
// map[string]string, Late, Tree, structs, pointers to and slices of structs. An embedded struct's options count as the
// outer one's. As in Packer a single string is taken for a list by splitting on
// commas (legacy JSON only), and numbers and bools may be written as strings.
// open validates what tags cannot say; an error of it is reported at the block.
// An error made by At("option", err) is reported at that option.
func Define[C, T any](name, summary string, open func(C) (T, error)) Kind[T] {
	return Kind[T]{Name: name, Summary: summary}
}

// Option describes one configuration option, for reference pages and schemas.
type Option struct {
	Name, Type, Default, Doc string
	Required                 bool
	Options                  []Option // of a nested block
}

// Options lists the kind's options in the order of the struct.
func (k Kind[T]) Options() []Option { return nil }

// Set is an explicit list of kinds.
type Set[T any] struct{}

// NewSet makes a set; two kinds of one name panic.
func NewSet[T any](kinds ...Kind[T]) Set[T] { return Set[T]{} }

// Kinds returns the kinds sorted by name.
func (s Set[T]) Kinds() []Kind[T] { return nil }

// Open decodes the block's body strictly and opens it. late holds the values of
// build.* ({{build `X`}}); nil before connect: then options that depend on it are
// zero and not required. The error is Diagnostics.
func (s Set[T]) Open(b *Block, late map[string]string) (v T, err error) { return v, nil }

// At marks err as belonging to an option of the block.
func At(option string, err error) error { return err }

// Late is a text with {{.Field}} placeholders that are known only when it is used.
type Late struct{}

// LateText makes a Late from its source text.
func LateText(text string) (Late, error) { return Late{}, nil }

// Text is the source.
func (l Late) Text() string { return "" }

// Render fills the placeholders from the fields or keys of data.
func (l Late) Render(data any) (string, error) { return "", nil }
