package build

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
)

// reportLog is how much of the log the HTML report holds; the file has it all.
const reportLog = 1 << 20

//go:embed report.html.tmpl
var reportHTML string

//go:embed report.md.tmpl
var reportMarkdown string

// reportPath is where this build's report lies, without regard to whether it is
// written yet.
func (r *runner) reportPath(ext string) string {
	return filepath.Join(r.kit.Reports, r.run+"-"+fileName(r.Name)+ext)
}

// writeReport writes the three forms of the report.
func (r *runner) writeReport() error {
	r.report.LogTail = r.log.tail(reportLog)
	r.report.Files = []string{r.reportPath(".html"), r.reportPath(".md"), r.reportPath(".json")}
	if err := os.MkdirAll(r.kit.Reports, 0o700); err != nil {
		return fmt.Errorf("make report directory: %w", err)
	}
	var errs []error
	for _, form := range []struct {
		ext    string
		render func(Report) ([]byte, error)
	}{{".html", RenderHTML}, {".md", RenderMarkdown}, {".json", RenderJSON}} {
		text, err := form.render(r.report)
		if err == nil {
			err = writeWhole(r.reportPath(form.ext), text)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// writeWhole writes a file completely or not at all.
func writeWhole(path string, text []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		_ = os.Remove(part)
		return err
	}
	return os.Rename(part, path)
}

// RenderJSON gives the report as JSON.
func RenderJSON(r Report) ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// RenderHTML gives the report as one self-contained page: no scripts, no links to
// elsewhere.
func RenderHTML(r Report) ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap(reportFuncs)).Parse(reportHTML)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, page{Report: r, Line: newTimeline(r)})
	return b.Bytes(), err
}

// RenderMarkdown gives the report as Markdown, without the log.
func RenderMarkdown(r Report) ([]byte, error) {
	t, err := texttemplate.New("report").Funcs(texttemplate.FuncMap(reportFuncs)).Parse(reportMarkdown)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, page{Report: r, Line: newTimeline(r)})
	return b.Bytes(), err
}

// page is what the templates see.
type page struct {
	Report
	Line timeline
}

var reportFuncs = map[string]any{
	"took": Took,
	"size": Size,
	"time": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
	"cell": func(s string) string {
		return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(s)
	},
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

// Gate is the checks of one gate, failures first in Bad.
type gateView struct {
	Number    int
	Bad, Good []catalog.Check
	Skipped   []catalog.Check
}

// Gates groups the checks.
func (p page) Gates() (gates []gateView) {
	for n := 1; n <= 2; n++ {
		g := gateView{Number: n}
		for _, c := range p.Checks {
			switch {
			case c.Gate != n:
			case c.Verdict == "pass":
				g.Good = append(g.Good, c)
			case c.Verdict == "skipped":
				g.Skipped = append(g.Skipped, c)
			default:
				g.Bad = append(g.Bad, c)
			}
		}
		if len(g.Bad)+len(g.Good) > 0 {
			gates = append(gates, g)
		}
	}
	return gates
}

// section of what changed, for the templates.
type section struct {
	Title   string
	Changes []catalog.Change
}

// Sections are the kinds of changes against the previous version that there are.
func (p page) Sections() (out []section) {
	if p.Changes == nil {
		return nil
	}
	c := p.Changes
	for _, s := range []section{{"Packages", c.Packages}, {"Files in /etc", c.Etc}, {"Services", c.Services},
		{"Ports", c.Ports}, {"Users", c.Users}, {"Checks", c.Checks}, {"Labels", c.Labels}} {
		if len(s.Changes) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// timeline is the picture of the steps: bars in a plot 1000 units wide.
type timeline struct {
	Bars   []bar
	Height int
	Ticks  []tick
}

type bar struct {
	ReportStep
	X, Width float64
	Y        int
	Class    string
	Note     string
}

type tick struct {
	X    float64
	Text string
}

const (
	plotLeft, plotWidth = 190.0, 700.0
	rowHeight           = 24
)

func newTimeline(r Report) timeline {
	total := time.Duration(1)
	for _, s := range r.Steps {
		if !s.Cached {
			total = max(total, s.Start+s.Took)
		}
	}
	t := timeline{Height: len(r.Steps)*rowHeight + 30}
	for i, s := range r.Steps {
		b := bar{ReportStep: s, Y: 24 + i*rowHeight, X: plotLeft + plotWidth*float64(min(s.Start, total))/float64(total), Class: s.Kind, Note: Took(s.Took)}
		b.Width = max(2, plotWidth*float64(s.Took)/float64(total))
		if s.Cached {
			b.Class, b.Width, b.Note = "cached", 4, "layer, "+Took(s.Age)+" old"
		}
		if s.Error != "" {
			b.Class = "bad"
		}
		t.Bars = append(t.Bars, b)
	}
	for i := range 5 {
		t.Ticks = append(t.Ticks, tick{X: plotLeft + plotWidth*float64(i)/4, Text: Took(total * time.Duration(i) / 4)})
	}
	return t
}

// Took renders a duration for people.
func Took(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
