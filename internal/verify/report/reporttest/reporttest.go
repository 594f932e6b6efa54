// Package reporttest has one report that every format is tested with.
package reporttest

import (
	"errors"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/report"
)

// Nasty is text that no format may be broken by.
const Nasty = "a<b>&\"'\x00\x1b[31mred\x1b[0m\xff\xfe\r\nnext ]]> # SKIP \\ , \u2028\u0085\ufffe\U0001f512 end"

// One is the report of one target.
func One() report.Report {
	all := Several()
	all.Targets = all.Targets[:1]
	return all
}

// Several is the report of three targets, the last of which could not be asked.
func Several() report.Report {
	began := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	at := func(file string, line, col int) template.Pos { return template.Pos{File: file, Line: line, Col: col} }
	return report.Report{Tool: "1.2.3", Started: began, Took: 1500 * time.Millisecond, Targets: []report.Target{
		{Name: "local", Started: began, Took: 1250 * time.Millisecond, Results: []verify.Result{
			{Source: "goss", Subject: `Service "nginx"`, Description: "is enabled", Pos: at("goss.yaml", 3, 5), Verdict: verify.Pass, Took: time.Millisecond},
			{Source: "goss", Subject: `Service "nginx"`, Description: "is running", Pos: at("goss.yaml", 4, 5), Verdict: verify.Fail,
				Wanted: "running", Found: "inactive/dead", Command: "systemctl is-active nginx"},
			{Source: "goss", Subject: `Package "vim"`, Description: "is installed", Pos: at("/srv/checks/goss.yaml", 7, 5), Verdict: verify.Unknown,
				Reason: "no package database", Command: "dpkg -s vim"},
			{Source: "goss", Subject: `Group "gone"`, Description: "exists", Pos: at("goss.yaml", 9, 1), Verdict: verify.Skipped, Reason: "the spec says skip: true"},
			{Source: "serverspec", Groups: []string{"web", "when it is up"}, Subject: `Port "80"`, Description: "should be listening",
				Pos: at("spec/web_spec.rb", 5, 3), Verdict: verify.Pass},
			{Source: "serverspec", Groups: []string{"web", "when it is up"}, Description: "answers", Pos: at("spec/web_spec.rb", 9, 3), Verdict: verify.Pass},
			{Source: "serverspec", Groups: []string{"web"}, Subject: "Command " + Nasty, Description: Nasty, Pos: at("spec/we\nb#_spec.rb", 12, 3),
				Verdict: verify.Fail, Wanted: Nasty, Found: "one\ntwo\x00\n", Command: Nasty},
			{Source: "sanity", Subject: "System", Description: "has booted", Verdict: verify.Unknown, Reason: Nasty},
		}},
		{Name: "rootfs:/srv/tree.d", Started: began.Add(time.Second), Took: 20 * time.Millisecond, Results: []verify.Result{
			{Source: "goss", Subject: `Service "nginx"`, Description: "is enabled", Pos: at("goss.yaml", 3, 5), Verdict: verify.Pass},
		}},
		{Name: "image:web\x1b:3", Started: began, Took: time.Second, Err: errors.New("find image \"web\": no such image\n  the nearest is " + Nasty)},
	}}
}
