package build_test

import (
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/template"
)

var update = flag.Bool("update", false, "rewrite golden files")

// reported is what the golden reports tell of.
const reported = `
variable "greeting" { default = "hello" }
variable "token" { sensitive = true }
source "fake" "base" {}
source "fake" "web" { parent = "base" }
build {
  sources = ["source.fake.base"]
}
build {
  sources = ["source.fake.web"]
  labels  = { team = "core|web" }
  provisioner "shell" { inline = ["echo ${var.greeting} > /etc/greeting", "test -n '${var.token}'"] }
  provisioner "shell" { inline = ["echo www:x:33:33::/var/www:/bin/false >> /etc/passwd", "echo $((1+1)) users"] }
  verify "inline" {
    file "/etc/greeting" {
      mode     = "0644"
      contains = ["hello"]
    }
    user "www" { uid = 33 }
    file "/etc/later" {
      exists = true
      skip   = true
    }
  }
}`

// TestReportThatCannotBeWritten: the build says so, and names no report.
func TestReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := errors.Join(os.MkdirAll(b.home, 0o755), os.WriteFile(b.path("reports"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	r := b.build(three, build.Options{})
	if r.err == nil || !strings.Contains(r.err.Error(), "write report: ") {
		t.Fatalf("error %v", r.err)
	}
	if got := r.reports[0].Files; len(got) > 0 {
		t.Errorf("it names %q", got)
	}
	again := b.build(three, build.Options{}).must(build.Unchanged)
	if got := again.reports[0].Files; len(got) > 0 {
		t.Errorf("the next build names %q", got)
	}
	for _, e := range eventsOf(again, build.ImageReady) {
		if e.Report != "" {
			t.Errorf("an event names %s", e.Report)
		}
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.load.Inputs = []template.Input{{Name: "token", Value: "s3cret-token"}}
	web := func(r result) build.Report { return r.reports[1] }
	reports := map[string]build.Report{"built": web(b.build(reported, build.Options{}).must(build.Built, build.Built))}
	b.build(reported, build.Options{}).must(build.Unchanged, build.Unchanged)

	changed := edit(t, reported, "33:33::/var/www:/bin/false", "33:33::/srv:/bin/false")
	changed = edit(t, edit(t, changed, "team =", "tier = \"front\", team ="), "mode     = \"0644\"\n", "")
	reports["changed"] = web(b.build(changed, build.Options{}).must(build.Unchanged, build.Built))

	b.load.Inputs = append(b.load.Inputs, template.Input{Name: "greeting", Value: "bye"})
	r := b.build(edit(t, changed, `uid = 33 }`, "uid = 33 }\nprocess \"nginx\" {}"), build.Options{})
	r.fails("gate 1: refused by its checks: of 6, 1 failed and 1 could not be checked", build.Unchanged, build.Refused)
	reports["refused"] = web(r)

	for _, name := range slices.Sorted(maps.Keys(reports)) {
		t.Run(name, func(t *testing.T) {
			report := b.normal(reports[name])
			for ext, render := range map[string]func(build.Report) ([]byte, error){
				".html": build.RenderHTML, ".md": build.RenderMarkdown, ".json": build.RenderJSON,
			} {
				text, err := render(report)
				if err != nil {
					t.Fatal(err)
				}
				golden := filepath.Join("testdata", "report", name+ext)
				if *update {
					if err := os.WriteFile(golden, text, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(text)); diff != "" {
					t.Errorf("%s (-want +got; -update rewrites it):\n%s", golden, diff)
				}
				written, err := os.ReadFile(reports[name].Files[slices.IndexFunc(reports[name].Files, func(f string) bool { return filepath.Ext(f) == ext })])
				if err != nil || len(written) < len(text)/2 {
					t.Errorf("%d bytes were written, %v", len(written), err)
				}
			}
		})
	}
}

var (
	runID  = regexp.MustCompile(`\d{8}-\d{6}-[a-z0-9]{6}`)
	tag    = regexp.MustCompile(`\bpm[a-z0-9]{10}\b`)
	keyed  = regexp.MustCompile(`hmac-sha256:[0-9a-f]{64}`)
	stamp  = regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT[\d:.]+Z`)
	period = regexp.MustCompile(`\d+\.\d+ s\b`)
)

// normal makes a report that is the same every time.
func (b *bench) normal(r build.Report) build.Report {
	b.t.Helper()
	fixed := func(s string) string {
		s = strings.NewReplacer(b.home, "/home", b.dir, "/templates").Replace(s)
		s = keyed.ReplaceAllString(tag.ReplaceAllString(runID.ReplaceAllString(s, "RUN"), "TAG"), "hmac-sha256:DIGITS")
		return period.ReplaceAllString(stamp.ReplaceAllString(s, "2026-01-02T03:04:05.678Z"), "1.0 s")
	}
	text, err := json.Marshal(r)
	if err != nil {
		b.t.Fatal(err)
	}
	var n build.Report
	if err := json.Unmarshal([]byte(fixed(string(text))), &n); err != nil {
		b.t.Fatal(err)
	}
	n.LogTail = fixed(r.LogTail)
	n.Started, n.Took, n.Host = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 83*time.Second, "host"
	for i := range n.Steps {
		s := &n.Steps[i]
		s.Start, s.Cost = time.Duration(i)*10*time.Second, time.Duration(i+1)*time.Second
		if s.Cached {
			s.Age = 5*time.Hour + 7*time.Minute
		} else {
			s.Took = s.Cost
		}
	}
	return n
}

var (
	htmlTag  = regexp.MustCompile(`<[^>]*>?`)
	elements = regexp.MustCompile(`^</?([a-zA-Z!]+)`)
)

// tags lists the elements of a page, and all of its attributes that are not ours.
func tags(t *testing.T, page string) (names []string) {
	t.Helper()
	_, body, _ := strings.Cut(page, "</style>")
	for _, tag := range htmlTag.FindAllString(body, -1) {
		m := elements.FindStringSubmatch(tag)
		if m == nil {
			t.Fatalf("%q is no tag", tag)
		}
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
		if strings.Contains(tag, " on") || strings.Contains(tag, "style") {
			t.Errorf("tag %s", tag)
		}
	}
	slices.Sort(names)
	return names
}

func TestReportIsSelfContained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("testdata", "report", "refused.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"http:", "https:", "src=", "href=", "<script", "@import", "url(", "<link", "<iframe", "<base"} {
		if strings.Contains(string(page), word) {
			t.Errorf("the page holds %q", word)
		}
	}
}

func TestHostileTextInReports(t *testing.T) {
	t.Parallel()
	const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>"'><svg onload=alert(3)> | a ` + "`code` ```\n# head\n| x |" + ` [link](javascript:alert(4)) *b* \ &lt;`
	text, err := os.ReadFile(filepath.Join("testdata", "report", "refused.json"))
	if err != nil {
		t.Fatal(err)
	}
	var benign, bad build.Report
	if err := json.Unmarshal(text, &benign); err != nil {
		t.Fatal(err)
	}
	// All texts of the report, one after the other.
	var any any
	if err := json.Unmarshal(text, &any); err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(poison(any, hostile))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &bad); err != nil {
		t.Fatal(err)
	}
	bad.Image, bad.Commit, bad.Outcome, bad.Status = hostile, hostile, benign.Outcome, benign.Status
	benign.Image, benign.Commit = "/image", "c0ffee"
	bad.LogTail = "</pre>" + hostile
	for i := range bad.Checks {
		bad.Checks[i].Verdict = benign.Checks[i].Verdict
	}
	for i := range bad.Steps {
		bad.Steps[i].Kind = benign.Steps[i].Kind
		bad.Steps[i].Error = hostile
		benign.Steps[i].Error = "wrong"
	}

	want, err1 := build.RenderHTML(benign)
	got, err2 := build.RenderHTML(bad)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if a, b := tags(t, string(want)), tags(t, string(got)); !slices.Equal(a, b) {
		t.Errorf("elements = %q, want %q", b, a)
	}
	if a, b := len(htmlTag.FindAll(want, -1)), len(htmlTag.FindAll(got, -1)); a != b {
		t.Errorf("%d tags, want %d", b, a)
	}

	want, err1 = build.RenderMarkdown(benign)
	got, err2 = build.RenderMarkdown(bad)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	lines := strings.Split(string(got), "\n")
	if n := strings.Count(string(want), "\n") + 1; n != len(lines) {
		t.Errorf("%d lines, want %d", len(lines), n)
	}
	cells := regexp.MustCompile(`(^|[^\\])\|`)
	span := regexp.MustCompile("(`+) .*? `+")
	for i, line := range strings.Split(string(want), "\n") {
		if a, b := len(cells.FindAllString(line, -1)), len(cells.FindAllString(lines[i], -1)); a != b {
			t.Errorf("%d cells, want %d: %s", b, a, lines[i])
		}
		if rest := span.ReplaceAllString(lines[i], ""); strings.Contains(rest, "<") || regexp.MustCompile(`(^|[^\\])\[`).MatchString(rest) {
			t.Errorf("line %q", rest)
		}
	}
}

// poison replaces every text in a JSON value by another one.
func poison(v any, text string) any {
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); err == nil {
			return v
		}
		return text
	case []any:
		for i := range v {
			v[i] = poison(v[i], text)
		}
	case map[string]any:
		for k := range v {
			v[k] = poison(v[k], text)
		}
	}
	return v
}
