package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// probeCommand is the hidden command by which this program asks the host it runs on.
const probeCommand = "probe"

// newProbe makes the command that answers questions on standard input about this host
// or a tree of files, until that ends.
func newProbe() *cobra.Command {
	var root string
	cmd := &cobra.Command{
		Use: probeCommand, Short: "Answer questions about this host", Args: takes(0, 0, ""), Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Getenv("PATH") == "" {
				os.Setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
			}
			return probe.NewProber(root).Serve(cmd.Context(), os.Stdin, os.Stdout, true)
		},
	}
	cmd.Flags().StringVar(&root, "root", "/", "the tree")
	return cmd
}
