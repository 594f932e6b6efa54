package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newInspect() *cobra.Command {
	var tf templateFlags
	cmd := &cobra.Command{
		Use:   "inspect [flags] TEMPLATE|DIR",
		Short: "Show what a template declares: variables, sources, provisioners",
		Long: `Show what a template declares: variables with their defaults, sources, provisioners,
post-processors and checks. Variables need no values. "-" is JSON from standard input.

With -machine-readable, programs get template-variable (name, default, 1 when it is
required), template-builder (name, type) and template-provisioner lines of JSON
templates.`,
		Args: takes(1, 1, "which template to inspect"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out, err := template.Inspect(args[0], template.Options{Inputs: tf.inputs})
			if err != nil {
				return err
			}
			s := screenOf(cmd)
			for _, w := range out.Problems.Warnings() {
				s.warn(warning(w))
			}
			if out.HCL {
				inspectHCL(s, out)
			} else {
				inspectLegacy(s, out)
			}
			if out.Problems.Err() != nil {
				return out.Problems.Errors()
			}
			return nil
		},
	}
	tf.registerVars(cmd)
	return cmd
}

// inspectLegacy shows a JSON template, line by line as Packer does it.
func inspectLegacy(s screen, o *template.Outline) {
	s.say("Packer Inspect: JSON mode")
	if o.Description != "" {
		s.say("Description:\n")
		s.say(o.Description + "\n")
	}
	inspectVariables(s, o.Variables)
	b := o.Builds[0]
	s.say("Builders:\n")
	if len(b.Sources) == 0 {
		s.say("  <No builders>")
	}
	sources := slices.SortedFunc(slices.Values(b.Sources), func(a, b template.OutlineSource) int { return strings.Compare(a.Name, b.Name) })
	wide := 0
	for _, x := range sources {
		wide = max(wide, len(x.Name))
	}
	for _, x := range sources {
		s.data("template-builder", x.Name, x.Type)
		line := fmt.Sprintf("  %-*s", wide, x.Name)
		if x.Type != x.Name {
			line += " (" + x.Type + ")"
		}
		s.say(line)
	}
	s.say("")
	s.say("Provisioners:\n")
	if len(b.Provisioners) == 0 {
		s.say("  <No provisioners>")
	}
	for _, p := range b.Provisioners {
		s.data("template-provisioner", p)
		s.say("  " + p)
	}
	if len(b.Verifiers) > 0 {
		s.say("\nChecks:\n")
		for _, v := range b.Verifiers {
			s.data("template-verifier", v)
			s.say("  " + v)
		}
	}
	s.say("\nNote: names of builds are shown as they are written: functions such as\n'timestamp' in them have their value when the template is built.")
}

func inspectVariables(s screen, all []template.OutlineVariable) {
	all = slices.DeleteFunc(slices.Clone(all), func(v template.OutlineVariable) bool { return v.Undeclared })
	if len(all) == 0 {
		s.say("Variables:\n")
		s.say("  <No variables>")
		s.say("")
		return
	}
	sorted := slices.SortedFunc(slices.Values(all), func(a, b template.OutlineVariable) int { return strings.Compare(a.Name, b.Name) })
	wide, required := 0, false
	for _, v := range sorted {
		required = required || v.Required
		if !v.Required {
			wide = max(wide, len(v.Name))
		}
	}
	if required {
		s.say("Required variables:\n")
		for _, v := range sorted {
			if v.Required {
				s.data("template-variable", v.Name, v.Shown, "1")
				s.say("  " + v.Name)
			}
		}
		s.say("")
	}
	s.say("Optional variables and their defaults:\n")
	for _, v := range sorted {
		if !v.Required {
			s.data("template-variable", v.Name, v.Shown, "0")
			s.say(fmt.Sprintf("  %-*s = %s", wide, v.Name, v.Shown))
		}
	}
	s.say("")
}

// inspectHCL shows an HCL2 template in three parts, each of them one text.
func inspectHCL(s screen, o *template.Outline) {
	s.say("Packer Inspect: HCL2 mode\n")
	s.say(o.Values())
	var b strings.Builder
	b.WriteString("> builds:\n")
	for i, x := range o.Builds {
		name := x.Name
		if name == "" {
			name = fmt.Sprintf("<unnamed build %d>", i)
		}
		fmt.Fprintf(&b, "\n  > %s:\n", name)
		if x.Description != "" {
			fmt.Fprintf(&b, "\n  > Description: %s\n", x.Description)
		}
		b.WriteString("\n    sources:\n")
		for _, s := range x.Sources {
			fmt.Fprintf(&b, "\n      %s\n", s.Name)
		}
		if len(x.Sources) == 0 {
			b.WriteString("\n      <no source>\n")
		}
		inspectList(&b, "provisioners", "provisioner", x.Provisioners)
		if len(x.Verifiers) > 0 {
			inspectList(&b, "checks", "check", x.Verifiers)
		}
		b.WriteString("\n    post-processors:\n")
		for i, sequence := range x.PostProcessors {
			fmt.Fprintf(&b, "\n      %d:\n", i)
			for _, p := range sequence {
				fmt.Fprintf(&b, "        %s\n", p)
			}
		}
		if len(x.PostProcessors) == 0 {
			b.WriteString("\n      <no post-processor>\n")
		}
	}
	s.say(b.String())
}

func inspectList(b *strings.Builder, title, what string, list []string) {
	fmt.Fprintf(b, "\n    %s:\n\n", title)
	for _, x := range list {
		fmt.Fprintf(b, "      %s\n", x)
	}
	if len(list) == 0 {
		fmt.Fprintf(b, "      <no %s>\n", what)
	}
}
