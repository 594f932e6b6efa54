package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newHCL2Upgrade() *cobra.Command {
	var output string
	var annotate bool
	cmd := &cobra.Command{
		Use:   "hcl2_upgrade [flags] TEMPLATE",
		Short: "Write a JSON template as HCL2",
		Long: `Write a JSON template as an HCL2 template that makes the same builds, beside it as
TEMPLATE.pkr.hcl or where -output-file says; "-" is standard output. "-" as TEMPLATE
reads standard input.`,
		Args: takes(1, 1, "which template to upgrade"),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := readTemplate(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			out, warnings, err := template.HCL2Upgrade(args[0], src, template.UpgradeOptions{Annotate: annotate, Options: optionsOf(components())})
			if err != nil {
				return err
			}
			s := screenOf(cmd)
			for _, w := range warnings {
				s.warn(warning(w))
			}
			to := output
			if to == "" {
				if to = args[0] + ".pkr.hcl"; args[0] == "-" {
					to = "-"
				}
			}
			if to == "-" {
				s.say(strings.TrimSuffix(string(out), "\n"))
				return nil
			}
			if err := os.WriteFile(to, out, 0o644); err != nil {
				return fmt.Errorf("write the template: %w", err)
			}
			s.say("Successfully created " + to + ".")
			return nil
		},
	}
	cmd.Flags().StringVar(&output, "output-file", "", "where to write it (default TEMPLATE.pkr.hcl)")
	cmd.Flags().BoolVar(&annotate, "with-annotations", false, "explain the parts in comments")
	return cmd
}

// optionsOf lists the options of a kind of component; kind is as in Options.Known.
func optionsOf(c template.Components) func(kind, typ string) []template.Option {
	return func(kind, typ string) []template.Option {
		list := map[string][]template.Component{
			"source": c.Sources, "provisioner": c.Provisioners, "verify": c.Verifiers, "post-processor": c.PostProcessors, "data": c.Data,
		}[kind]
		for _, x := range list {
			if x.Name == typ {
				return x.Options
			}
		}
		return nil
	}
}
