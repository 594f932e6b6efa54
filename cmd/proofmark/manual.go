package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManual makes the command that the release is made with.
func newManual() *cobra.Command {
	return &cobra.Command{
		Use: "manual DIR", Short: "Write the manual pages into a directory", Args: takes(1, 1, "which directory"), Hidden: true,
		Long: `Write a manual page for each command into a directory. The date in them is
$SOURCE_DATE_EPOCH, or today.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "Proofmark", Manual: "Proofmark"}, args[0])
		},
	}
}
