package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Groups are the titles that a result stands under, outermost first.
func Groups(r verify.Result) []string {
	groups := make([]string, 0, len(r.Groups)+1)
	for _, g := range append(append([]string{}, r.Groups...), r.Subject) {
		if g = strings.TrimSpace(g); g != "" {
			groups = append(groups, g)
		}
	}
	return groups
}

// FullName is all that a result is called, in one line of text.
func FullName(r verify.Result) string {
	return Line(strings.TrimSpace(r.Name()))
}

// Line makes one line of a text, in which everything can be seen.
func Line(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Visible(s))
}

// Visible writes out what does something to a reader that expects text: bytes that are
// no UTF-8, what XML cannot hold, characters that change the order in which others are
// shown, and control characters but for line ends and tabs.
func Visible(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == utf8.RuneError || hides(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\r':
			b.WriteString(`\r`)
		case hides(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hides(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// hides tells whether a character is written out.
func hides(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r <= 0x9f: // control
		return true
	case r == 0x2028, r == 0x2029: // line ends to some
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // order
		return true
	}
	return r == 0xfffe || r == 0xffff
}

// Place is where a check stands, as test programs write paths: those that are not
// absolute begin with a dot.
func Place(p template.Pos) (file string, line int) {
	file = Line(p.File)
	if file != "" && !strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "./") && !strings.HasPrefix(file, "../") {
		file = "./" + file
	}
	return file, p.Line
}

// why says in a few lines what was wanted and found, or why that is not known.
func why(r verify.Result) string {
	var b strings.Builder
	for _, f := range []struct{ name, text string }{
		{"wanted", r.Wanted}, {"found", r.Found}, {"reason", r.Reason}, {"at", r.Pos.String()}, {"by hand", r.Command},
	} {
		if f.text != "" {
			fmt.Fprintf(&b, "%-8s %s\n", f.name+":", strings.ReplaceAll(strings.TrimRight(Visible(f.text), "\n"), "\n", "\n         "))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// brief is why in one line.
func brief(r verify.Result) string {
	switch r.Verdict {
	case verify.Fail:
		return Line("wanted " + r.Wanted + ", found " + r.Found)
	case verify.Pass:
		return ""
	}
	return Line(r.Reason)
}

// verdict of a target as a whole.
func (t Target) verdict() verify.Verdict {
	c := t.Counts()
	switch {
	case c.Failed > 0:
		return verify.Fail
	case c.Unknown > 0, t.Err != nil:
		return verify.Unknown
	}
	return verify.Pass
}
