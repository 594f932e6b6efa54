package main

import "github.com/spf13/cobra"

func newRoot() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "proofmark",
		Short: "Build machine images from templates, and prove each one before it may exist",
		Long: `Proofmark builds machine images from templates, and proves each one with tests
before it may exist. It reads Packer's templates and goss's test files.

State lives under $PROOFMARK_HOME (default ~/.local/share/proofmark). Flags may be
written with one dash or two.`,
		Version:       toolVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}, newBuild(), newValidate(), newImages(), newCache(), newShell(), newGC(), newDoctor(), newVersion())
	root.SetVersionTemplate("Proofmark {{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}
