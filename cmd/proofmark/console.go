package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	xterm "golang.org/x/term"

	"github.com/proofmark-build/proofmark/internal/template"
)

func newConsole() *cobra.Command {
	var tf templateFlags
	var language string
	cmd := &cobra.Command{
		Use:   "console [flags] [TEMPLATE|DIR]",
		Short: "Evaluate expressions with the variables of a template",
		Long: `Evaluate expressions with the variables and locals of a template: HCL2 expressions, or
texts with {{ }} when the template is JSON or there is none. Without a template
-config-type=hcl2 is for HCL2.

Lines of standard input that is no terminal are all evaluated; the value of the last
one is printed, and the exit status is 1 when one has none.`,
		Args: takes(0, 1, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := openConsole(strings.Join(args, ""), language, tf.inputs)
			if err != nil {
				return err
			}
			s := screenOf(cmd)
			if in, ok := cmd.InOrStdin().(*os.File); ok && xterm.IsTerminal(int(in.Fd())) && s.machine == nil {
				return converse(in, cmd.OutOrStdout(), c)
			}
			return evalLines(cmd.InOrStdin(), s, c)
		},
	}
	tf.registerVars(cmd)
	cmd.Flags().StringVar(&language, "config-type", "", "language without a template: hcl2 or json")
	return cmd
}

// openConsole makes a console for a template, or for none.
func openConsole(path, language string, inputs []template.Input) (*template.Console, error) {
	o := template.Options{Inputs: inputs}
	switch {
	case language != "" && language != "hcl2" && language != "json":
		return nil, fmt.Errorf("-config-type=%s: use hcl2 or json", language)
	case path == "" && language != "hcl2":
		path, o.Stdin = "-", strings.NewReader(`{"builders":[{"type":"null"}]}`)
	case path == "-":
		return nil, errors.New("standard input holds the expressions: give the template by its name")
	}
	return template.NewConsole(path, o)
}

// evalLines evaluates all lines, says what is wrong, and the value of the last one.
func evalLines(in io.Reader, s screen, c *template.Console) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	value, known, failed := "", true, false
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "exit" {
			break
		}
		var err error
		if value, err = answer(c, line); err != nil {
			failed = true
			s.fail(err)
		}
		known = err == nil
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if known {
		s.message(value)
	}
	if failed {
		return &saidError{errors.New("not every line has a value")}
	}
	return nil
}

// answer evaluates a line, or helps.
func answer(c *template.Console, line string) (string, error) {
	switch {
	case line != "help":
		return c.Eval(line)
	case c.HCL():
		return strings.TrimSpace(consoleHelpHCL), nil
	}
	return strings.TrimSpace(consoleHelpJSON), nil
}

const consoleHelpHCL = `
HCL2 expressions, such as upper(var.name), are evaluated with the variables, locals and
functions that templates have.

  variables   all variables and locals with their values
  help        this text
  exit        the end; so is Control-D
`

const consoleHelpJSON = `
Texts are rendered as a JSON template's are: {{timestamp}}, or {{upper (user "name")}}.

  variables   all variables with their values
  help        this text
  exit        the end; so is Control-D

For HCL2 without a template start with -config-type=hcl2.
`

// converse answers a person at a terminal, with line editing and a history.
func converse(in *os.File, out io.Writer, c *template.Console) error {
	old, err := xterm.MakeRaw(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("set up the terminal: %w", err)
	}
	defer func() { _ = xterm.Restore(int(in.Fd()), old) }()
	t := xterm.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, "> ")
	if w, h, err := xterm.GetSize(int(in.Fd())); err == nil {
		_ = t.SetSize(w, h)
	}
	for {
		line, err := t.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, xterm.ErrPasteIndicator) {
			return fmt.Errorf("read the terminal: %w", err)
		}
		line = strings.TrimSpace(line)
		if line == "exit" {
			return nil
		}
		value, err := answer(c, line)
		if err != nil {
			value = "Error: " + err.Error()
		}
		if value != "" {
			fmt.Fprintln(t, value)
		}
	}
}
