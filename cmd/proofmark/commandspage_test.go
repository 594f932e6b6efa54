package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestCommandsPage holds the page of the commands, which is made from the program,
// against it.
func TestCommandsPage(t *testing.T) {
	t.Parallel()
	const path = "../../docs/commands.md"
	got, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	current(t, path, string(got), commandsPage(newRoot()))
}

func commandsPage(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nMade from the program: what `proofmark COMMAND --help` says. Flags may be written with one\ndash or two. Every command takes `-machine-readable`; which of them Packer has, and what\ndiffers, is in [Coming from Packer](from-packer.md).\n")
	for _, c := range root.Commands() {
		commandSection(&b, c)
	}
	return b.String()
}

func commandSection(b *strings.Builder, c *cobra.Command) {
	if !c.IsAvailableCommand() || c.Name() == "help" || c.Name() == "completion" {
		return
	}
	c.InitDefaultHelpFlag()
	long := c.Long
	if long == "" {
		long = c.Short + "."
	}
	fmt.Fprintf(b, "\n## %s\n\n```\n%s\n```\n\n```\n%s\n", strings.TrimPrefix(c.CommandPath(), "proofmark "), c.UseLine(), strings.TrimSpace(long))
	if flags := c.LocalFlags().FlagUsages(); flags != "" {
		b.WriteString("\n" + flags)
	}
	b.WriteString("```\n")
	for _, sub := range c.Commands() {
		commandSection(b, sub)
	}
}
