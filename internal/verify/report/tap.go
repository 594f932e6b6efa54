package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// TAP is version 13 of the Test Anything Protocol, with diagnostics in YAML. Version
// 14, which escapes the same way, reads it too.
func TAP(r Report) ([]byte, error) {
	var b bytes.Buffer
	n := r.Counts().Total() + r.Broken()
	fmt.Fprintf(&b, "TAP version 13\n1..%d\n", n)
	n = 0
	for _, t := range r.Targets {
		prefix := ""
		if r.Several() {
			prefix = Line(t.Name) + ": "
		}
		fmt.Fprintf(&b, "# target %s\n", Line(t.Name))
		if t.Err != nil {
			n++
			fmt.Fprintf(&b, "not ok %d - %s\n", n, tapText(prefix+"can be asked"))
			diagnose(&b, [][2]string{{"target", Line(t.Name)}, {"verdict", "target could not be asked"}, {"message", t.Err.Error()}})
		}
		for _, res := range t.Results {
			n++
			name := tapText(prefix + FullName(res))
			switch res.Verdict {
			case verify.Pass:
				fmt.Fprintf(&b, "ok %d - %s\n", n, name)
			case verify.Skipped:
				fmt.Fprintf(&b, "ok %d - %s # SKIP %s\n", n, name, tapText(Line(res.Reason)))
			default:
				fmt.Fprintf(&b, "not ok %d - %s\n", n, name)
				diagnose(&b, [][2]string{{"target", t.Name}, {"verdict", string(res.Verdict)}, {"wanted", res.Wanted},
					{"found", res.Found}, {"reason", res.Reason}, {"at", res.Pos.String()}, {"command", res.Command}})
			}
		}
	}
	fmt.Fprintf(&b, "# %s\n", r.Counts())
	return b.Bytes(), nil
}

// tapText keeps a # from beginning a directive.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(s)
}

// diagnose writes a block of YAML. Texts are written as JSON, which YAML contains.
func diagnose(b *bytes.Buffer, fields [][2]string) {
	b.WriteString("  ---\n")
	for _, f := range fields {
		if f[1] == "" {
			continue
		}
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		_ = e.Encode(Visible(f[1])) // a string always can be
		fmt.Fprintf(b, "  %s: %s\n", f[0], bytes.TrimSpace(text.Bytes()))
	}
	b.WriteString("  ...\n")
}
