package template

import (
	"fmt"
	"strings"
)

// Reference writes the reference page of a component in Markdown: what it is, and
// its options in a table, those of nested blocks in tables of their own.
func Reference(c Component) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", c.Name)
	if c.Summary != "" {
		fmt.Fprintf(&b, "\n%s\n", sentence(c.Summary))
	}
	referenceTable(&b, "Options", c.Options)
	if c.Open {
		b.WriteString("\nIt takes further options; see its description.\n")
	}
	return b.String()
}

func referenceTable(b *strings.Builder, title string, list []Option) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if len(list) == 0 {
		b.WriteString("None.\n")
		return
	}
	b.WriteString("| option | type | default | |\n|---|---|---|---|\n")
	for _, o := range list {
		def := ""
		switch {
		case o.Required:
			def = "required"
		case o.Default != "":
			def = code(o.Default)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", o.Name, o.Type, def, cellText(o.Doc))
	}
	for _, o := range list {
		if len(o.Options) > 0 {
			referenceTable(b, "`"+o.Name+"`", o.Options)
		}
	}
}

// code quotes text for a cell of a table.
func code(s string) string {
	fence := "`"
	if strings.Contains(s, "`") {
		fence, s = "``", " "+s+" "
	}
	return fence + cellText(s) + fence
}

func cellText(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func sentence(s string) string {
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
