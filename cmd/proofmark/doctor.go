package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// requirements lists what each builder needs of this machine.
func requirements() map[string][]machine.Requirement {
	return map[string][]machine.Requirement{}
}

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Tell what this machine can build, and what is missing for the rest", Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			var missing []string
			for kind, needs := range requirements() {
				fmt.Fprintf(out, "builder %s\n", kind)
				for _, n := range needs {
					problem := n.Check()
					if problem == nil {
						fmt.Fprintf(out, "  ok       %s\n", n.For)
						continue
					}
					fmt.Fprintf(out, "  missing  %s: %v\n", n.For, problem)
					if n.Package != "" {
						missing = append(missing, n.Package)
					}
				}
			}
			h, err := openHome()
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "state lies in %s\n", h.dir)
			if len(missing) > 0 {
				fmt.Fprintf(out, "\nInstall what is missing:\n  apt-get install --no-install-recommends %s\n", strings.Join(missing, " "))
			}
			return nil
		},
	}
}
