package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of JSON templates, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of JSON templates: every kind with its options,
their types and what they say. Editors complete and check with it:

  proofmark schema > ~/.config/proofmark.schema.json`,
		Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := template.Schema(components())
			if err != nil {
				return err
			}
			screenOf(cmd).say(strings.TrimSuffix(string(text), "\n"))
			return nil
		},
	}
}

// components are all kinds that templates may use.
func components() template.Components {
	return template.Components{
		Sources:        builders(home{}, nil).Components(),
		Provisioners:   provisioners(nil).Components(),
		Verifiers:      verifiers().Components(),
		PostProcessors: postProcessors().Components(),
		Data:           dataSources().Components(),
	}
}
