package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/template"
)

// validator is one run of validate.
type validator struct {
	flags  templateFlags
	kit    build.Kit
	syntax bool // no component is looked at
	data   bool // data sources are read
	s      screen
}

// verdict is what is known of one template.
type verdict struct {
	err    error
	warns  template.Diagnostics
	cannot template.Diagnostics // blocks that are valid and that this version cannot run
}

func newValidate() *cobra.Command {
	v := &validator{}
	cmd := &cobra.Command{
		Use:   "validate [flags] TEMPLATE|DIR...",
		Short: "Check templates without building anything",
		Long: `Check templates without building anything: the text, the options of every component,
the files that they name. "-" is JSON from standard input. Of several templates only
what is wrong is told, and a summary.

Exit status: 0 when all are valid, else 1.`,
		Args: takes(1, -1, "which template to check"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			h, err := openHome()
			if err != nil {
				return err
			}
			kit, closeKit, err := h.openKit(settings{})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closeKit()) }()
			v.kit, v.s = kit, screenOf(cmd)
			if len(args) == 1 {
				return v.one(cmd.Context(), args[0])
			}
			return v.many(cmd.Context(), args)
		},
	}
	v.flags.register(cmd)
	fl := cmd.Flags()
	fl.BoolVar(&v.syntax, "syntax-only", false, "check the text alone, not the options of components")
	fl.BoolVar(&v.data, "evaluate-datasources", false, "read data sources, which may ask services")
	fl.BoolVar(&v.flags.quiet, "no-warn-undeclared-var", false, "do not warn of values in variables files that no variable is declared for")
	forScripts(cmd, "use-sequential-evaluation", "ignore-prerelease-plugins")
	return cmd
}

// one checks a template and says all about it.
func (v *validator) one(ctx context.Context, path string) error {
	x := v.check(ctx, path)
	v.warn(x)
	if x.err != nil {
		return x.err
	}
	if v.syntax {
		v.s.say("Syntax-only check passed. Everything looks okay.")
		return nil
	}
	v.s.say("The configuration is valid.")
	for _, d := range x.cannot {
		v.s.say(warning(d))
	}
	return nil
}

// many checks templates side by side, and says in their order what is wrong.
func (v *validator) many(ctx context.Context, paths []string) error {
	verdicts := make([]chan verdict, len(paths))
	for i := range verdicts {
		verdicts[i] = make(chan verdict, 1)
	}
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	go func() {
		for i, path := range paths {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				verdicts[i] <- v.check(ctx, path)
			}()
		}
	}()
	wrong, unable := 0, 0
	for i, path := range paths {
		x := <-verdicts[i]
		v.warn(x)
		word := "valid"
		switch {
		case x.err != nil:
			wrong++
			word = "invalid"
			v.s.fail(x.err)
		case len(x.cannot) > 0:
			unable++
			word = "valid-only"
		}
		v.s.data("template", path, word)
	}
	text := fmt.Sprintf("%d templates: %d valid, %d not valid.", len(paths), len(paths)-wrong, wrong)
	if unable > 0 {
		text += fmt.Sprintf(" Of the valid ones %d name kinds that this version cannot run.", unable)
	}
	v.s.say(text)
	if wrong > 0 {
		return &saidError{errors.New("not all templates are valid")}
	}
	return nil
}

// warn says the warnings about a template.
func (v *validator) warn(x verdict) {
	for _, w := range x.warns {
		v.s.warn(warning(w))
	}
}

// check looks at one template.
func (v *validator) check(ctx context.Context, path string) (x verdict) {
	o := v.flags.options(v.kit)
	o.SyntaxOnly = v.syntax
	if v.data {
		o.Data = v.kit.ReadData(ctx)
	}
	t, err := template.Load(path, o)
	if err != nil {
		var d template.Diagnostics
		if errors.As(err, &d) {
			x.warns, err = d.Warnings(), d.Errors()
		}
		x.err = named(path, err)
		return x
	}
	x.warns = t.Warnings
	if v.syntax || len(t.Builds) == 0 { // nothing that could be wrong; the warnings say so
		return x
	}
	plan, err := build.NewPlan(t, v.kit, build.Options{})
	if err != nil {
		x.err = named(path, err)
		return x
	}
	x.cannot, x.warns = plan.Cannot(), slices.Concat(x.warns, plan.Clashes())
	return x
}

// named says which template an error is of, if it does not say so itself.
func named(path string, err error) error {
	if strings.Contains(err.Error(), path) || path == "-" && strings.Contains(err.Error(), "<stdin>") {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
