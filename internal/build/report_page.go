package build

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// page is what the templates see.
type page struct {
	Report
	Line timeline
}

var reportFuncs = map[string]any{
	"took":    Took,
	"size":    Size,
	"time":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"cell":    cell,
	"code":    code,
	"picture": picture,
}

// picture is a PNG as the source of an image in a page. The type says to html/template
// that the address is safe: nothing but the encoded bytes is in it.
func picture(png []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
}

// cell makes text of one line that means nothing to Markdown, nor to HTML in it.
func cell(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "[", `\[`, "*", `\*`, "<", "&lt;", "&", "&amp;", "\r", " ", "\n", " ").Replace(s)
}

// code makes a code span of Markdown: its fence is longer than any in the text.
func code(s string) string {
	s = strings.NewReplacer("|", `\|`, "\r", " ", "\n", " ").Replace(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Ref is the image's reference, or its name when it has no version.
func (p page) Ref() string {
	if p.Version == 0 {
		return p.Name
	}
	return fmt.Sprintf("%s:%d", p.Name, p.Version)
}

// Class groups outcomes for colouring.
func (p page) Class() string {
	switch {
	case p.Outcome == Refused || p.Outcome == Failed || p.Outcome == Cancelled:
		return "bad"
	case p.Status == catalog.Unproven:
		return "warn"
	}
	return "good"
}

// gateView is the checks of one gate, by whether they hold.
type gateView struct {
	Number             int
	Bad, Good, Skipped []catalog.Check
}

// Gates groups the checks.
func (p page) Gates() (gates []gateView) {
	for n := 1; n <= 2; n++ {
		g := gateView{Number: n}
		for _, c := range p.Checks {
			switch {
			case c.Gate != n:
			case c.Verdict == string(verify.Pass):
				g.Good = append(g.Good, c)
			case c.Verdict == string(verify.Skipped):
				g.Skipped = append(g.Skipped, c)
			default:
				g.Bad = append(g.Bad, c)
			}
		}
		if len(g.Bad)+len(g.Good)+len(g.Skipped) > 0 {
			gates = append(gates, g)
		}
	}
	return gates
}

// Sections are the kinds of changes against the previous version that there are, with
// titles as of headings.
func (p page) Sections() (out []catalog.Section) {
	if p.Changes == nil {
		return nil
	}
	for _, s := range p.Changes.Sections() {
		s.Title = strings.ToUpper(s.Title[:1]) + s.Title[1:]
		out = append(out, s)
	}
	return out
}

// Uncompared says why there are no Changes.
func (p page) Uncompared() string {
	switch {
	case p.Outcome == Unchanged:
		return "Nothing: this is the previous version."
	case p.Outcome == ProvenAgain || p.Outcome == Refused && p.Version > 0:
		return "Nothing but its proof: the image is the same as before."
	case p.Outcome == Built:
		return "There is no previous version to compare with."
	}
	return "Nothing was compared: no gate was reached, or there is no previous version."
}
