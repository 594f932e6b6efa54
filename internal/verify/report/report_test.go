package report_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/report"
	"github.com/proofmark-build/proofmark/internal/verify/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

var formats = []struct {
	name   string
	render func(report.Report) ([]byte, error)
}{{"json", report.JSON}, {"junit.xml", report.JUnit}, {"tap", report.TAP}}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range formats {
		for name, r := range map[string]report.Report{"one": reporttest.One(), "several": reporttest.Several()} {
			got, err := f.render(r)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+"."+f.name)
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
		}
	}
}

// rspec is what programs read of RSpec's JSON.
type rspec struct {
	Version  *string
	Messages []string
	Examples []struct {
		ID, Description, Status string
		FullDescription         string   `json:"full_description"`
		FilePath                string   `json:"file_path"`
		LineNumber              int      `json:"line_number"`
		RunTime                 *float64 `json:"run_time"`
		PendingMessage          *string  `json:"pending_message"`
		Exception               *struct {
			Class, Message string
			Backtrace      []string
		}
		Target, Verdict string
	}
	Summary struct {
		Duration *float64
		Examples int `json:"example_count"`
		Failures int `json:"failure_count"`
		Pending  int `json:"pending_count"`
		Outside  int `json:"errors_outside_of_examples_count"`
	}
	Line string `json:"summary_line"`
}

func checkJSON(t *testing.T, r report.Report) {
	t.Helper()
	text, err := report.JSON(r)
	if err != nil || !utf8.Valid(text) {
		t.Fatalf("%v, valid: %v", err, utf8.Valid(text))
	}
	var d rspec
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	status, ids := map[string]int{}, map[string]bool{}
	for _, e := range d.Examples {
		status[e.Status]++
		if ids[e.ID] {
			t.Errorf("two examples have the id %s", e.ID)
		}
		ids[e.ID] = true
		if (e.Status == "failed") != (e.Exception != nil) || (e.Status == "pending") != (e.PendingMessage != nil) || e.RunTime == nil || e.Target == "" {
			t.Errorf("%+v", e)
		}
	}
	s := d.Summary
	if s.Examples != len(d.Examples) || s.Failures != status["failed"] || s.Pending != status["pending"] || s.Outside != len(d.Messages) || s.Duration == nil {
		t.Errorf("%+v of %v, %v", s, status, d.Messages)
	}
}

// TestJSONNames wants the names that RSpec gives its examples.
func TestJSONNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		result verify.Result
	}{
		{"web  Command \"a\n\tb\n\" stdout is empty", verify.Result{Groups: []string{"web "}, Subject: "Command \"a\n\tb\n\" stdout", Description: "is empty"}},
		{"File \"/x\" content ", verify.Result{Groups: []string{"File \"/x\""}, Subject: "content", Description: "example at ./spec/a_spec.rb:3", Full: "File \"/x\" content "}},
		{"stands alone", verify.Result{Description: "stands alone"}},
	} {
		text, err := report.JSON(report.Report{Targets: []report.Target{{Name: "local", Results: []verify.Result{c.result}}}})
		if err != nil {
			t.Fatal(err)
		}
		var d rspec
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		if got := d.Examples[0].FullDescription; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// checkJUnit holds XML against what Jenkins and GitLab expect of it.
func checkJUnit(t *testing.T, r report.Report) {
	t.Helper()
	text, err := report.JUnit(r)
	if err != nil || !utf8.Valid(text) {
		t.Fatalf("%v, valid: %v", err, utf8.Valid(text))
	}
	type problem struct {
		Message *string `xml:"message,attr"`
	}
	var d struct {
		XMLName                 xml.Name `xml:"testsuites"`
		Tests, Failures, Errors int
		TestsAttr               int `xml:"tests,attr"`
		FailuresAttr            int `xml:"failures,attr"`
		ErrorsAttr              int `xml:"errors,attr"`
		Suites                  []struct {
			Name      string  `xml:"name,attr"`
			Tests     int     `xml:"tests,attr"`
			Failures  int     `xml:"failures,attr"`
			Errors    int     `xml:"errors,attr"`
			Skipped   int     `xml:"skipped,attr"`
			Time      float64 `xml:"time,attr"`
			Timestamp string  `xml:"timestamp,attr"`
			Cases     []struct {
				Name      string    `xml:"name,attr"`
				ClassName string    `xml:"classname,attr"`
				Time      float64   `xml:"time,attr"`
				Failure   []problem `xml:"failure"`
				Error     []problem `xml:"error"`
				Skipped   []problem `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	dec := xml.NewDecoder(bytes.NewReader(text)) // refuses characters that XML does not have
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if rest := bytes.TrimSpace(text[dec.InputOffset():]); len(rest) > 0 {
		t.Errorf("after the document: %q", rest)
	}
	if len(d.Suites) != len(r.Targets) {
		t.Errorf("%d suites of %d targets", len(d.Suites), len(r.Targets))
	}
	tests, failures, errors := 0, 0, 0
	for _, s := range d.Suites {
		var f, e, k int
		for _, c := range s.Cases {
			f, e, k = f+len(c.Failure), e+len(c.Error), k+len(c.Skipped)
			if c.ClassName == "" || strings.Count(c.ClassName, ".") > 1 || len(c.Failure)+len(c.Error)+len(c.Skipped) > 1 {
				t.Errorf("%+v", c)
			}
			for _, p := range append(append(c.Failure, c.Error...), c.Skipped...) {
				if p.Message == nil {
					t.Errorf("%s: no message", c.Name)
				}
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != f || s.Errors != e || s.Skipped != k {
			t.Errorf("%s: %d %d %d %d, and there are %d %d %d %d", s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, len(s.Cases), f, e, k)
		}
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`).MatchString(s.Timestamp) {
			t.Errorf("timestamp %s", s.Timestamp)
		}
		tests, failures, errors = tests+s.Tests, failures+f, errors+e
	}
	if d.TestsAttr != tests || d.FailuresAttr != failures || d.ErrorsAttr != errors {
		t.Errorf("sums %d %d %d, not %d %d %d", d.TestsAttr, d.FailuresAttr, d.ErrorsAttr, tests, failures, errors)
	}
}

// checkTAP reads TAP as version 13 is defined.
func checkTAP(t *testing.T, r report.Report) {
	t.Helper()
	text, err := report.TAP(r)
	if err != nil || !utf8.Valid(text) {
		t.Fatalf("%v, valid: %v", err, utf8.Valid(text))
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	var body []string
	for lines.Scan() {
		body = append(body, lines.Text())
	}
	if len(body) < 2 || body[0] != "TAP version 13" {
		t.Fatalf("%s", text)
	}
	c := r.Counts()
	n, bad, skipped, in := 0, 0, 0, false
	directive := regexp.MustCompile(`(?:^|[^\\])(?:\\\\)*#\s*(SKIP|TODO)`)
	for _, l := range body[2:] {
		switch {
		case in:
			if in = l != "  ..."; in {
				key, value, ok := strings.Cut(strings.TrimPrefix(l, "  "), ": ")
				var s string
				if err := json.Unmarshal([]byte(value), &s); !ok || key == "" || err != nil {
					t.Errorf("diagnostic %q: %v", l, err)
				}
			}
		case l == "  ---":
			in = true
		case strings.HasPrefix(l, "#"):
		case strings.HasPrefix(l, "ok "), strings.HasPrefix(l, "not ok "):
			n++
			if !strings.Contains(l, "ok "+strconv.Itoa(n)+" - ") {
				t.Errorf("number %d: %s", n, l)
			}
			if strings.HasPrefix(l, "not ") {
				bad++
			}
			if directive.MatchString(l) {
				skipped++
			}
		default:
			t.Errorf("line %q", l)
		}
	}
	if in || body[1] != "1.."+strconv.Itoa(n) || bad != c.Failed+c.Unknown+r.Broken() || skipped != c.Skipped {
		t.Errorf("open: %v; %s of %d; %d not ok, %d skipped of %+v", in, body[1], n, bad, skipped, c)
	}
}

func checkAll(t *testing.T, r report.Report) {
	t.Helper()
	checkJSON(t, r)
	checkJUnit(t, r)
	checkTAP(t, r)
}

func TestFormats(t *testing.T) {
	t.Parallel()
	checkAll(t, reporttest.One())
	checkAll(t, reporttest.Several())
	checkAll(t, report.Report{})
	checkAll(t, report.Report{Targets: []report.Target{{Name: "local"}}})
}

// FuzzFormats puts any bytes everywhere.
func FuzzFormats(f *testing.F) {
	f.Add(reporttest.Nasty, "x", uint8(1))
	f.Add("", "\n", uint8(2))
	f.Fuzz(func(t *testing.T, a, b string, n uint8) {
		verdict := []verify.Verdict{verify.Pass, verify.Fail, verify.Unknown, verify.Skipped}
		r := report.Report{Tool: a, Targets: []report.Target{{Name: "t" + a}, {Name: "u" + b}}}
		for i := range int(n % 8) {
			res := verify.Result{Source: a, Groups: []string{b, a}[:i%3], Subject: b, Description: a, Verdict: verdict[i%4], Wanted: a, Found: b, Reason: b, Command: a}
			res.Pos.File, res.Pos.Line = b, i%2
			r.Targets[i%2].Results = append(r.Targets[i%2].Results, res)
		}
		checkAll(t, r)
	})
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]report.Counts{
		"0 examples, 0 failures":                                    {},
		"1 example, 1 failure":                                      {Failed: 1},
		"12 examples, 1 failure, 2 could not be checked":            {Passed: 9, Failed: 1, Unknown: 2},
		"5 examples, 2 failures, 1 could not be checked, 1 pending": {Passed: 1, Failed: 2, Unknown: 1, Skipped: 1},
	} {
		if c.String() != want {
			t.Errorf("%+v: %s, want %s", c, c, want)
		}
	}
	r := reporttest.Several()
	if r.Refused() != 1 || r.Broken() != 1 {
		t.Errorf("%d refused, %d broken", r.Refused(), r.Broken())
	}
}
