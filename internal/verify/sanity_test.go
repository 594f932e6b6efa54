package verify

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/machine"
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
	}{
		{"well", true, probe.System{Init: "systemd", State: "running"}, nil},
		{"starting", true, probe.System{Init: "systemd", State: "starting", Jobs: []string{"x.service start running"}}, []string{"has booted", "has no job left in the queue"}},
		{"degraded", true, probe.System{Init: "systemd", State: "degraded", FailedUnits: []string{"x.service"}}, []string{"has no failed unit"}},
		{"degraded for no reason", true, probe.System{Init: "systemd", State: "degraded"}, []string{"has booted"}},
		{"no init", true, probe.System{}, []string{"has booted"}},
		{"other init", true, probe.System{Init: "openrc"}, nil},
		{"inactive", true, probe.System{Init: "systemd", State: "running", InactiveUnits: []string{"a", "b"}}, []string{"runs every enabled service"}},
		{"packages", true, probe.System{Init: "systemd", State: "running", BadDpkg: []string{"a"}}, []string{"are all whole"}},
		{"not booted", false, probe.System{}, nil},
		{"not booted, packages", false, probe.System{BadDpkg: []string{"a"}}, []string{"are all whole"}},
	}
	for _, tt := range tests {
		var fails []string
		for _, r := range Sanity(tt.booted).Evaluate(t.Context(), told(tt.sys)) {
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

// TestSanityNotBooted claims nothing of an image that was not booted: it may well
// have an init system.
func TestSanityNotBooted(t *testing.T) {
	t.Parallel()
	got := Sanity(false).Evaluate(t.Context(), told(probe.System{}))[0]
	if got.Subject+" "+got.Description != "System was not booted, so no service was started" || got.Verdict != Pass {
		t.Errorf("got %+v", got)
	}
}

func TestSanityOpenAndUnknown(t *testing.T) {
	t.Parallel()
	for _, booted := range []bool{true, false} {
		for _, r := range Sanity(booted).Evaluate(t.Context(), &Session{}) {
			if r.Verdict != Open {
				t.Errorf("got %+v", r)
			}
		}
		s := Answered(func(probe.Question) probe.Answer { return probe.Answer{Error: "no systemctl"} })
		for _, r := range Sanity(booted).Evaluate(t.Context(), s) {
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
