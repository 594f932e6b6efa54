package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// needs are what one kind of builder needs of this machine.
type needs struct {
	kind string
	all  []machine.Requirement
}

func newDoctor() *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "Tell what this machine can build, and what is missing for the rest", Args: takes(0, 0, ""),
		Long: `Tell what this machine can build, and what is missing for the rest, with the
command that installs it.

Builders that make no machine (null, file) need nothing of it, and are not named.

Exit status: 0 when at least one builder can make machines, else 1.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := openHome()
			if err != nil {
				return err
			}
			return examine(cmd.OutOrStdout(), requirements(h))
		},
	}
}

// examine writes what there is and what is missing.
func examine(w io.Writer, kinds []needs) error {
	able := false
	var install []string
	for _, kind := range kinds {
		fmt.Fprintf(w, "builder %s\n", kind.kind)
		builds := true
		for _, n := range kind.all {
			problem := n.Check()
			if problem == nil {
				fmt.Fprintf(w, "  ok       %s\n", n.For)
				continue
			}
			fmt.Fprintf(w, "  missing  %s: %v\n", n.For, problem)
			builds = builds && n.Optional
			if n.Package != "" && !slices.Contains(install, n.Package) {
				install = append(install, n.Package)
			}
		}
		able = able || builds
	}
	if len(install) > 0 {
		fmt.Fprintf(w, "\nInstall what is missing:\n  apt-get install -y --no-install-recommends %s\n", strings.Join(install, " "))
	}
	if !able {
		return errors.New("this machine can build nothing yet but what needs no machine (builders null and file)")
	}
	return nil
}
