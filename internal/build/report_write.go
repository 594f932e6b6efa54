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
	texttemplate "text/template"
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
	return filepath.Join(r.kit.Reports, r.id()+ext)
}

// writeReport writes the three forms of the report. The report names those of them that
// are there afterwards.
func (r *runner) writeReport() (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write report: %w", err)
		}
	}()
	r.report.Files = nil
	if r.report.LogTail, err = r.log.tail(reportLog); err != nil {
		return err
	}
	r.report.Log = r.log.path
	if err := os.MkdirAll(r.kit.Reports, 0o700); err != nil {
		return err
	}
	r.report.Files = []string{r.reportPath(".html"), r.reportPath(".md"), r.reportPath(".json")}
	var written []string
	var errs []error
	for _, form := range []struct {
		ext    string
		render func(Report) ([]byte, error)
	}{{".html", RenderHTML}, {".md", RenderMarkdown}, {".json", RenderJSON}} {
		text, err := form.render(r.report)
		if err == nil {
			err = writeWhole(r.reportPath(form.ext), text)
		}
		if err == nil {
			written = append(written, r.reportPath(form.ext))
		}
		errs = append(errs, err)
	}
	r.report.Files = written
	return errors.Join(errs...)
}

// writeWhole writes a file completely or not at all.
func writeWhole(path string, text []byte) error {
	part := path + ".part"
	err := os.WriteFile(part, text, 0o600)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part)
	}
	return err
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
