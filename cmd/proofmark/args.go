package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// normalize turns Packer's single-dash long flags (-var, -only=x) into the
// double-dash form, for flags that the named command has. Everything after "--"
// stays as it is.
func normalize(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	out := make([]string, 0, len(args))
	for i, a := range args {
		if a == "--" {
			return append(out, args[i:]...)
		}
		if len(a) > 2 && a[0] == '-' && a[1] != '-' && isLong(cmd, a[1:]) {
			a = "-" + a
		}
		out = append(out, a)
	}
	return out
}

func isLong(cmd *cobra.Command, a string) bool {
	name, _, _ := strings.Cut(a, "=")
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags(), cmd.PersistentFlags()} {
		if set.Lookup(name) != nil {
			return true
		}
	}
	return name == "help" || name == "version"
}
