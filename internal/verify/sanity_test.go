package verify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func told(sys probe.System) *Session {
	return Answered(func(probe.Question) probe.Answer {
		text, _ := json.Marshal(sys)
		return probe.Answer{Fact: text}
	})
}

func TestSanity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		booted bool
		sys    probe.System
		fails  []string // descriptions
		o      SanityOptions
	}{
		{"well", true, probe.System{Init: "systemd", State: "running"}, nil, SanityOptions{}},
		{"starting", true, probe.System{Init: "systemd", State: "starting", Jobs: []string{"x.service start running"}}, []string{"has booted", "has no job left in the queue"}, SanityOptions{}},
		{"degraded", true, probe.System{Init: "systemd", State: "degraded", FailedUnits: []string{"x.service"}}, []string{"has no failed unit"}, SanityOptions{}},
		{"degraded for no reason", true, probe.System{Init: "systemd", State: "degraded"}, []string{"has booted"}, SanityOptions{}},
		{"unknown init", true, probe.System{}, nil, SanityOptions{}},
		{"other init", true, probe.System{Init: "openrc"}, nil, SanityOptions{}},
		{"inactive", true, probe.System{Init: "systemd", State: "running", InactiveUnits: []string{"a", "b"}}, []string{"runs every enabled service"}, SanityOptions{}},
		{"packages", true, probe.System{Init: "systemd", State: "running", BadDpkg: []string{"a"}}, []string{"are all whole"}, SanityOptions{}},
		{"not booted", false, probe.System{}, nil, SanityOptions{}},
		{"not booted, packages", false, probe.System{BadDpkg: []string{"a"}}, []string{"are all whole"}, SanityOptions{}},
		{"exceptions", true, probe.System{Init: "systemd", State: "degraded", FailedUnits: []string{"a.service", "b.mount"},
			InactiveUnits: []string{"c@1.service (inactive/dead)"}, Jobs: []string{"d.service start running"}},
			nil, SanityOptions{Exceptions: []string{"a", "b.mount", "c@*", "d"}}},
		{"other exceptions", true, probe.System{Init: "systemd", State: "degraded", FailedUnits: []string{"a.service", "b.service"}},
			[]string{"has no failed unit"}, SanityOptions{Exceptions: []string{"a", "b.mount", "*.timer"}}},
		{"packages are no units", true, probe.System{Init: "systemd", State: "running", BadDpkg: []string{"a (half-installed)"}},
			[]string{"are all whole"}, SanityOptions{Exceptions: []string{"*"}}},
	}
	for _, tt := range tests {
		var fails []string
		for _, r := range Sanity(tt.booted, tt.o).Evaluate(t.Context(), told(tt.sys)) {
			if r.Source != "sanity" || r.Subject == "" || r.Description == "" {
				t.Errorf("%s: %+v", tt.name, r)
			}
			if r.Verdict == Fail {
				fails = append(fails, r.Description)
				if r.Wanted == "" || r.Found == "" {
					t.Errorf("%s: %+v", tt.name, r)
				}
			}
		}
		if diff := cmp.Diff(tt.fails, fails); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
}

// TestSanityOfOtherInits: what only systemd tells is not claimed of others.
func TestSanityOfOtherInits(t *testing.T) {
	t.Parallel()
	for _, init := range []string{"", "openrc", "sysvinit"} {
		var got []string
		for _, r := range Sanity(true, SanityOptions{}).Evaluate(t.Context(), told(probe.System{Init: init})) {
			got = append(got, string(r.Verdict))
			if r.Verdict == Skipped && r.Reason == "" {
				t.Errorf("%+v", r)
			}
		}
		if diff := cmp.Diff([]string{"pass", "skipped", "skipped", "skipped", "pass"}, got); diff != "" {
			t.Errorf("%q: %s", init, diff)
		}
	}
}

// TestSanityWaits for what is still starting, not for what has failed.
func TestSanityWaits(t *testing.T) {
	t.Parallel()
	sys := probe.System{Init: "systemd", State: "starting", FailedUnits: []string{"a"}, InactiveUnits: []string{"b"}, Jobs: []string{"c"}, BadDpkg: []string{"d"}}
	var got []time.Duration
	for _, r := range Sanity(true, SanityOptions{Wait: time.Minute}).Evaluate(t.Context(), told(sys)) {
		got = append(got, r.Wait)
	}
	if diff := cmp.Diff([]time.Duration{time.Minute, 0, time.Minute, time.Minute, 0}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSanityVerifier(t *testing.T) {
	t.Parallel()
	set := template.NewSet(SanityKind())
	open := func(text string) (Spec, error) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "x.pkr.hcl")
		text = "source \"null\" \"a\" {}\nbuild {\n sources = [\"source.null.a\"]\n verify \"sanity\" {\n" + text + "\n}\n}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tmpl, err := template.Load(path, template.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return set.Open(tmpl.Builds[0].Verifiers[0], nil)
	}
	var specs []Spec
	for _, text := range []string{`exceptions = ["a"]`, `retry_timeout = "30s"`, "exceptions = [\"b-*\"]\n retry_timeout = \"0s\""} {
		s, err := open(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Evaluate(t.Context(), &Session{}); len(got) != 0 {
			t.Errorf("checks of its own: %+v", got)
		}
		specs = append(specs, s)
	}
	for i, want := range []SanityOptions{{Wait: DefaultWait}, {[]string{"a"}, DefaultWait}, {[]string{"a"}, 30 * time.Second}, {[]string{"a", "b-*"}, 30 * time.Second}} {
		if diff := cmp.Diff(want, SanityOf(specs[:i])); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
	if got := SanityOf(specs[2:]); got.Wait != 0 {
		t.Errorf("waits %s", got.Wait)
	}
	for _, text := range []string{`exceptions = ["[a"]`, `exceptions = [""]`, `retry_timeout = "-1s"`, `units = []`} {
		if _, err := open(text); err == nil || !strings.Contains(err.Error(), "x.pkr.hcl:5:") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestSanityNotBooted claims nothing of an image that was not booted: it may well
// have an init system.
func TestSanityNotBooted(t *testing.T) {
	t.Parallel()
	got := Sanity(false, SanityOptions{}).Evaluate(t.Context(), told(probe.System{}))[0]
	if got.Subject+" "+got.Description != "System was not booted, so no service was started" || got.Verdict != Pass {
		t.Errorf("got %+v", got)
	}
}

func TestSanityOpenAndUnknown(t *testing.T) {
	t.Parallel()
	for _, booted := range []bool{true, false} {
		for _, r := range Sanity(booted, SanityOptions{}).Evaluate(t.Context(), &Session{}) {
			if r.Verdict != Open {
				t.Errorf("got %+v", r)
			}
		}
		s := Answered(func(probe.Question) probe.Answer { return probe.Answer{Error: "no systemctl"} })
		for _, r := range Sanity(booted, SanityOptions{}).Evaluate(t.Context(), s) {
			if r.Verdict != Unknown || r.Reason != "no systemctl" {
				t.Errorf("got %+v", r)
			}
		}
	}
}

func TestSealed(t *testing.T) {
	t.Parallel()
	rules := []machine.SealRule{{Name: "machine id"}, {Name: "host key"}, {Name: "history"}, {Name: "host key", Do: machine.Truncate}}
	found := []machine.Residue{
		{Rule: "host key", Path: "/etc/ssh/a", What: "present"},
		{Rule: "host key", Path: "/etc/ssh/b", What: "present"},
		{Rule: "unheard of", Path: "/x", What: "not empty"},
	}
	for range 15 {
		found = append(found, machine.Residue{Rule: "history", Path: "/h", What: "present"})
	}
	got := Sealed(rules, found)
	var lines []string
	for _, r := range got {
		if r.Source != "seal" {
			t.Errorf("got %+v", r)
		}
		lines = append(lines, strings.Join([]string{string(r.Verdict), r.Description, r.Found}, "|"))
	}
	want := []string{
		"pass|holds no machine id|",
		"fail|holds no host key|/etc/ssh/a (present), /etc/ssh/b (present)",
		"fail|holds no history|" + strings.Repeat("/h (present), ", 10) + "and 5 more",
		"fail|holds no unheard of|/x (not empty)",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}
