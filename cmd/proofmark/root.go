package main

import "github.com/spf13/cobra"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "proofmark",
		Short: "Build machine images from templates, and prove each one before it may exist",
		Long: `Proofmark builds machine images from templates, and proves each one with tests
before it may exist. It reads Packer's templates and goss's test files.

State lives under $PROOFMARK_HOME (default ~/.local/share/proofmark).`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newBuild(), newValidate(), newImages(), newCache(), newShell(), newGC(), newDoctor(), newVersion())
	return root
}
