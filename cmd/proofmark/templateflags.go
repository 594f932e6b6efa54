package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/template"
)

// templateFlags choose a template's builds and give it values.
type templateFlags struct {
	only, except []string
	inputs       []template.Input
	quiet        bool // no warnings of values that no variable is declared for
}

func (f *templateFlags) register(cmd *cobra.Command) {
	cmd.Flags().Var((*listFlag)(&f.only), "only", "build only these (comma separated; in HCL2 * and ? match)")
	cmd.Flags().Var((*listFlag)(&f.except), "except", "build all but these")
	f.registerVars(cmd)
}

// registerVars registers the flags that give values.
func (f *templateFlags) registerVars(cmd *cobra.Command) {
	cmd.Flags().Var(&varFlag{to: &f.inputs}, "var", "a variable as name=value; may be repeated")
	cmd.Flags().Var(&varFlag{to: &f.inputs, file: true}, "var-file", "a file of variables; may be repeated")
}

// load reads a template that is built: its data sources are read. It complains about
// unknown kinds before anything starts.
func (f *templateFlags) load(ctx context.Context, path string, kit build.Kit) (*template.Template, error) {
	o := f.options(kit)
	o.Data = kit.ReadData(ctx)
	return template.Load(path, o)
}

// options are those of a template that is only looked at.
func (f *templateFlags) options(kit build.Kit) template.Options {
	return template.Options{Inputs: f.inputs, Only: f.only, Except: f.except, Known: known(kit), Check: check(kit),
		CleanName: kit.Builders.CleanName, QuietUndeclared: f.quiet}
}

// warning renders a template's warning, without the word: where, what, and what to do.
func warning(d template.Diagnostic) string {
	d.Warning = false
	return d.String()
}

// known names the kinds that templates may use.
func known(kit build.Kit) func(string) []string {
	return func(kind string) []string {
		switch kind {
		case "source":
			return kit.Builders.Names()
		case "provisioner":
			return kit.Provisioners.Names()
		case "verify":
			return kit.Verifiers.Names()
		case "post-processor":
			return kit.Posts.Names()
		case "data":
			return kit.Data.Names()
		}
		return nil
	}
}

// check says all that is wrong with a block of a template.
func check(kit build.Kit) func(kind string, b *template.Block) template.Diagnostics {
	return func(kind string, b *template.Block) template.Diagnostics {
		switch kind {
		case "source":
			return kit.Builders.Check(b)
		case "provisioner":
			return kit.Provisioners.Check(b)
		case "verify":
			return kit.Verifiers.Check(b)
		case "post-processor":
			return kit.Posts.Check(b)
		case "data":
			return kit.Data.Check(b)
		}
		return nil
	}
}

// forScripts registers flags that scripts written for Packer may give, and that change
// nothing.
func forScripts(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.Flags().Bool(name, false, "no meaning: taken for scripts")
		_ = cmd.Flags().MarkHidden(name)
	}
}
