package main

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

// version is set by the linker for releases.
var version = ""

// toolVersion is the version of this program: the release, or the commit.
func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return "dev"
}

// versionLines are the version of Packer that templates and scripts are answered as,
// which scripts read from the first line, and the version of this program.
func versionLines() []string {
	return []string{"Packer v" + template.PackerVersion, "Proofmark " + toolVersion()}
}

func versionText() string { return strings.Join(versionLines(), "\n") + "\n" }

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of Packer that templates and scripts are answered as, and the program's own",
		Args:  takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := screenOf(cmd)
			s.data("version", template.PackerVersion)
			s.data("version-prelease", "") // spelt as scripts know it
			s.data("version-commit", "")
			s.data("proofmark-version", toolVersion())
			for _, line := range versionLines() {
				s.say(line)
			}
			return nil
		},
	}
}
