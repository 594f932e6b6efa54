package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newFix() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fix [flags] TEMPLATE",
		Short: "Print a JSON template in today's spellings",
		Long: `Print a JSON template with the renames of all versions applied, as packer fix does.
What need not change keeps its form, order and comments. What was changed is told on
standard error. "-" reads standard input.`,
		Args: takes(1, 1, "which template to fix"),
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := readTemplate(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			out, changes, err := template.Fix(args[0], src)
			if err != nil {
				return err
			}
			s := screenOf(cmd)
			for _, w := range changes {
				s.warn(warning(w))
			}
			if check {
				if err := checkFixed(args[0], out); err != nil {
					return err
				}
			}
			s.say(strings.TrimSuffix(string(out), "\n"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "validate", true, "check the syntax of what is printed")
	return cmd
}

// readTemplate reads a file, or standard input for "-".
func readTemplate(path string, stdin io.Reader) ([]byte, error) {
	if path != "-" {
		src, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		return src, nil
	}
	src, err := io.ReadAll(stdin)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return src, nil
}

// checkFixed checks what fix prints as validate -syntax-only does, and that it builds
// something. Warnings have been given for the template as it was.
func checkFixed(name string, out []byte) error {
	_, err := template.Load("-", template.Options{SyntaxOnly: true, Stdin: bytes.NewReader(out)})
	if err == nil {
		var o *template.Outline
		o, err = template.Inspect("-", template.Options{Stdin: bytes.NewReader(out)})
		if err == nil && len(o.Builds[0].Sources) == 0 {
			return fmt.Errorf("%s has no builders (-validate=false prints it)", name)
		}
	}
	var d template.Diagnostics
	if errors.As(err, &d) {
		return fmt.Errorf("%s, fixed, is not valid (-validate=false prints it): %w", name, d.Errors())
	}
	return err
}
