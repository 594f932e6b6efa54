package template

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// PackerVersion is the version of Packer that templates are told they run on:
// packer.version, {{packer_version}}, and what required_version and
// min_packer_version are compared with.
const PackerVersion = "1.16.0"

// Input is one -var or -var-file flag, in command line order.
type Input struct {
	Name, Value string // -var
	File        string // -var-file
}

// Options of Load. The zero value works.
type Options struct {
	Inputs       []Input
	Only, Except []string // globs on build names; Except also on post-processor names
	Environ      []string // "K=V"; nil: os.Environ()
	// SyntaxOnly reads and checks what Packer's -syntax-only does: the structure of
	// the text, declarations and values of variables. The template has no builds then.
	SyntaxOnly bool
	// QuietUndeclared leaves out the warnings about values in variables files that the
	// template declares no variable for.
	QuietUndeclared bool
	// Known tells which kinds exist, for "did you mean"; kind is "source",
	// "provisioner", "verify", "post-processor", "data". nil: all kinds are accepted.
	Known func(kind string) []string
	// Check tells what is wrong with a block of a selected build or a data source, as
	// Set.Check does; kind is as in Known. With it Load reports everything at once:
	// missing variables and missing options. nil: blocks are not checked.
	Check func(kind string, b *Block) Diagnostics
	// CleanName tells how a builder's {{clean_resource_name}} works, as Set.CleanName
	// does. nil, also as its answer: letters, digits and -._ stay.
	CleanName func(builder string) func(string) string
	// Data reads a data source, by opening its block in a Set. nil: data sources are
	// not read, and what depends on them stays unknown, as validation wants it.
	Data func(b *Block) (cty.Value, error)
	// Ask answers functions that read from a service, in both languages: vault,
	// consul_key, aws_secretsmanager, aws_secretsmanager_raw. nil: each is an error.
	Ask   func(function string, args []string) (string, error)
	Stdin io.Reader // what "-" reads; nil: os.Stdin
	Now   time.Time // what timestamps tell; zero: the current time
}

func (o Options) withDefaults() Options {
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	return o
}

// cleanName is nil when nothing is said of the builder.
func (o Options) cleanName(builder string) func(string) string {
	if o.CleanName == nil {
		return nil
	}
	return o.CleanName(builder)
}

// getenv returns the last value of an environment variable.
func (o Options) getenv(name string) string {
	v := ""
	for _, kv := range o.Environ {
		if k, val, ok := strings.Cut(kv, "="); ok && k == name {
			v = val
		}
	}
	return v
}

// checkKind reports a kind that does not exist.
func (o Options) checkKind(diags *Diagnostics, kind, name string, at Pos) {
	if o.Known == nil || o.SyntaxOnly {
		return
	}
	known := o.Known(kind)
	for _, k := range known {
		if k == name {
			return
		}
	}
	diags.add(at, didYouMean(name, known), "unknown %s type %q", kind, name)
}
