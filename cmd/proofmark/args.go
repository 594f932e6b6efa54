package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// normalize turns Packer's single-dash long flags (-var, -only=x) into the
// double-dash form, and unknown ones too, so that the complaint names them whole.
// Values of flags and everything after "--" stay as they are.
func normalize(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	out := make([]string, 0, len(args))
	value := false // the argument is the value of the flag before it
	for i, a := range args {
		switch {
		case value:
			value = false
		case a == "--":
			return append(out, args[i:]...)
		case len(a) > 2 && a[0] == '-' && a[1] != '-' && (flagNamed(cmd, a[1:]) != nil || !shorthands(cmd, a[1:])):
			a = "-" + a
			fallthrough
		default:
			value = takesNext(cmd, a)
		}
		out = append(out, a)
	}
	return out
}

// flagNamed finds a long flag by "name" or "name=value".
func flagNamed(cmd *cobra.Command, a string) *pflag.Flag {
	name, _, _ := strings.Cut(a, "=")
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags(), cmd.PersistentFlags()} {
		if f := set.Lookup(name); f != nil {
			return f
		}
	}
	return nil
}

// shorthands tells whether a begins with a short flag: -v, -cCOMMAND.
func shorthands(cmd *cobra.Command, a string) bool {
	f := cmd.Flags().ShorthandLookup(a[:1])
	switch {
	case f == nil:
		return false
	case f.NoOptDefVal == "": // the rest is its value
		return true
	}
	return len(a) == 1 || shorthands(cmd, a[1:])
}

// takesNext tells whether a is a flag whose value is the next argument.
func takesNext(cmd *cobra.Command, a string) bool {
	var f *pflag.Flag
	switch {
	case strings.HasPrefix(a, "--") && !strings.Contains(a, "="):
		f = flagNamed(cmd, a[2:])
	case len(a) == 2 && a[0] == '-':
		f = cmd.Flags().ShorthandLookup(a[1:])
	}
	return f != nil && f.NoOptDefVal == ""
}

// flagError says which flag is wrong, the nearest one that there is, and where all
// of them are described.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var needs *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &needs):
		return fmt.Errorf("-%s needs a value\n  %s --help describes the flags", needs.GetSpecifiedName(), cmd.CommandPath())
	case errors.As(err, &wrong):
		return fmt.Errorf("-%s=%s: %s\n  %s --help describes the flags", wrong.GetFlag().Name, wrong.GetValue(), form(wrong), cmd.CommandPath())
	case !errors.As(err, &unknown):
		return fmt.Errorf("%w\n  %s --help describes the flags", err, cmd.CommandPath())
	}
	name := unknown.GetSpecifiedName()
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	text := fmt.Sprintf("%s has no flag -%s", cmd.CommandPath(), name)
	if near := nearest(name, known); near != "" {
		text += fmt.Sprintf("; did you mean -%s?", near)
	}
	return fmt.Errorf("%s\n  %s --help describes the flags", text, cmd.CommandPath())
}

// form says how the value of a flag must look.
func form(err *pflag.InvalidValueError) string {
	switch err.GetFlag().Value.Type() {
	case "duration":
		return "write a time with its unit, such as 30m or 1h30m"
	case "int", "int64":
		return "write a whole number"
	case "bool":
		return "write true or false"
	}
	return err.Unwrap().Error()
}

// takes accepts between least and most arguments; what says what they are.
func takes(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return fmt.Errorf("say %s: %s", what, cmd.UseLine())
		case most == 0 && len(args) > 0:
			return fmt.Errorf("%s takes no arguments, not %q", cmd.CommandPath(), args[0])
		case most >= 0 && len(args) > most:
			return fmt.Errorf("one argument too many: %q: %s", args[most], cmd.UseLine())
		}
		return nil
	}
}

// group makes a command that only holds others.
func group(cmd *cobra.Command, sub ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(sub...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var known []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				known = append(known, c.Name())
			}
		}
		slices.Sort(known)
		advice := "there are " + strings.Join(known, ", ")
		if near := nearest(args[0], known); near != "" {
			advice = fmt.Sprintf("did you mean %q?", near)
		}
		return fmt.Errorf("%s has no command %q\n  %s", cmd.CommandPath(), args[0], advice)
	}
	return cmd
}

// nearest returns the known name that is most like the given one; "" when none is
// near enough to be what was meant.
func nearest(name string, known []string) string {
	best, dist := "", len(name)/3+2
	for _, k := range known {
		d := levenshtein.Distance(strings.ToLower(name), k, nil)
		if strings.HasPrefix(k, name) && len(name) > 1 {
			d = 1
		}
		if d < dist {
			best, dist = k, d
		}
	}
	return best
}
