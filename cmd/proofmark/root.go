package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := group(&cobra.Command{
		Use:   "proofmark",
		Short: "Build machine images from templates, and prove each one before it may exist",
		Long: `Proofmark builds machine images from templates, and proves each one with tests
before it may exist. It reads Packer's templates and goss's test files, and its
commands and flags are Packer's where Packer has the command.

State lives under $PROOFMARK_HOME (default ~/.local/share/proofmark). Flags may be
written with one dash or two.`,
		Version:       toolVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}, newBuild(), newValidate(), newInspect(), newFmt(), newConsole(), newInit(), newFix(), newHCL2Upgrade(), newPlugins(), newSchema(),
		newVerify(), newImages(), newBoot(), newCache(), newShell(), newGC(), newDoctor(), newVersion(), newManual(), newProbe())
	asPacker(root)
	root.PersistentFlags().Bool(machineReadable, false, "lines for programs, as Packer writes them")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) { speakToPrograms(cmd) }
	root.SetVersionTemplate(versionText())
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

// asPacker gives the root the exit status that Packer has when there is no command,
// or none of that name.
func asPacker(root *cobra.Command) {
	help, args := root.RunE, root.Args
	root.RunE = func(cmd *cobra.Command, a []string) error {
		if err := help(cmd, a); err != nil {
			return err
		}
		return &saidError{&statusError{errors.New("no command"), exitNoCommand}}
	}
	root.Args = func(cmd *cobra.Command, a []string) error {
		if err := args(cmd, a); err != nil {
			return &statusError{err, exitNoCommand}
		}
		return nil
	}
}
