package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
)

type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Name     string      `xml:"name,attr"`
	Time     string      `xml:"time,attr"` // seconds
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name      string     `xml:"name,attr"` // of the target
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr"`
	Time      string     `xml:"time,attr"`
	Timestamp string     `xml:"timestamp,attr"` // UTC, without a zone
	Cases     []testCase `xml:"testcase"`
}

type testCase struct {
	ClassName string   `xml:"classname,attr"`
	Name      string   `xml:"name,attr"`
	File      string   `xml:"file,attr,omitempty"`
	Line      int      `xml:"line,attr,omitempty"`
	Time      string   `xml:"time,attr"`
	Skipped   *problem `xml:"skipped"`
	Error     *problem `xml:"error"`
	Failure   *problem `xml:"failure"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit is the XML that Jenkins and GitLab show: a test suite for each target, a
// failure for what does not hold, an error for what could not be checked, and one for
// a target that could not be asked at all.
func JUnit(r Report) ([]byte, error) {
	all := testSuites{Name: "proofmark", Time: seconds(r.Took)}
	for _, t := range r.Targets {
		s := suiteOf(t)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Suites = append(all.Suites, s)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func suiteOf(t Target) testSuite {
	c := t.Counts()
	s := testSuite{Name: Line(t.Name), Tests: c.Total(), Failures: c.Failed, Errors: c.Unknown, Skipped: c.Skipped,
		Time: seconds(t.Took), Timestamp: t.Started.UTC().Format("2006-01-02T15:04:05")}
	if t.Err != nil {
		s.Tests++
		s.Errors++
		text := Visible(t.Err.Error())
		s.Cases = append(s.Cases, testCase{ClassName: className(t.Name, ""), Name: "can be asked", Time: seconds(t.Took),
			Error: &problem{Message: Line(text), Type: "target", Text: text}})
	}
	for _, r := range t.Results {
		file, line := Place(r.Pos)
		k := testCase{ClassName: className(t.Name, r.Pos.File), Name: FullName(r), File: file, Line: line, Time: seconds(r.Took)}
		p := &problem{Message: brief(r), Type: string(r.Verdict), Text: why(r)}
		switch r.Verdict {
		case verify.Pass:
		case verify.Skipped:
			k.Skipped = &problem{Message: p.Message}
		case verify.Fail:
			k.Failure = p
		default:
			k.Error = p
		}
		s.Cases = append(s.Cases, k)
	}
	return s
}

// className tells equal checks of different targets and files apart. What stands
// before its last dot is a package to Jenkins, so that no other may be in it.
func className(target, file string) string {
	flat := func(s string) string { return strings.ReplaceAll(Line(s), ".", "_") }
	if file == "" {
		return flat(target)
	}
	return flat(target) + "." + flat(strings.TrimPrefix(file, "./"))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
