package build_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// asDisk makes the template one of a disk that is proven by booting it.
func asDisk(t *testing.T, files string) string {
	return edit(t, three, `"web" {}`, `"web" {
  prove_boot = true
  files = { `+files+` }
}`)
}

func TestDiskIsBootedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var booted atomic.Int32
	b.fault = during(fake.OpBootDisk, func(fake.Call) error { booted.Add(1); return nil })
	r := b.build(asDisk(t, ""), build.Options{}).must(build.Built)
	b.wantVersions("web:1 proven")
	b.wantClean()
	report := r.reports[0]
	if booted.Load() != 2 || len(report.Boots) != 2 {
		t.Fatalf("booted %d times, %d boots in the report", booted.Load(), len(report.Boots))
	}
	first, second := report.Boots[0], report.Boots[1]
	if first.Name != "first" || second.Name != "second" || first.BootID == "" || first.BootID == second.BootID ||
		first.Firmware != "bios" || first.Took == 0 || !strings.Contains(first.Console, "boots") || len(first.Screen) == 0 {
		t.Errorf("boots = %+v", report.Boots)
	}
	asked := map[string]int{}
	for _, c := range report.Checks {
		if c.Gate != 2 {
			continue
		}
		asked[c.Source]++
		if strings.HasPrefix(c.Subject, "Second machine: ") && c.Source != "sanity" {
			t.Errorf("the second machine is asked %+v", c)
		}
	}
	if asked[verify.TwinSource] != 5 || asked["inline"] != 1 || asked["seal"] < 10 || asked["sanity"] < 4 {
		t.Errorf("checks of gate 2 by source: %v", asked)
	}
	page, err := os.ReadFile(report.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{first.BootID, "data:image/png;base64,", "boots\n"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	b.build(asDisk(t, ""), build.Options{}).must(build.Unchanged)
}

func TestDiskIsRefused(t *testing.T) {
	t.Parallel()
	broken := errors.New("the guest is on fire")
	tests := map[string]struct {
		files  string
		fault  func(ctx context.Context, c fake.Call) error
		reason string
		check  string // that does not hold
	}{
		"both have the same address": {
			files:  `"/proc/net/fib_trie" = "  |-- 192.0.2.77\n  /32 host LOCAL\n"`,
			reason: "refused by its checks: 1 of", check: "share no network addresses"},
		"the second does not boot": {
			fault:  fake.FailNth(fake.OpBootDisk, 2, broken),
			reason: "refused by its checks: it cannot be started: ", check: "starts"},
		"neither comes up": {
			files:  `"/sbin/init" = "#!/bin/sh\ntest -s /proc/sys/kernel/random/boot_id || exit 0; exit 3\n"`,
			reason: "boot: /sbin/init ended with status 3", check: "starts"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.fault = tt.fault
			r := b.build(asDisk(t, tt.files), build.Options{}).refused(tt.reason)
			report := r.reports[0]
			b.wantClean()
			b.wantVersions()
			var bad []catalog.Check
			for _, c := range report.Checks {
				if c.Verdict != "pass" && c.Verdict != "skipped" {
					bad = append(bad, c)
				}
			}
			if len(bad) != 1 || bad[0].Gate != 2 || bad[0].Description != tt.check {
				t.Errorf("checks that do not hold: %+v", bad)
			}
			if len(report.Boots) != 2 {
				t.Errorf("boots = %+v", report.Boots)
			}
			if tt.check != "starts" {
				return
			}
			if report.Boots[0].Error == "" && report.Boots[1].Error == "" {
				t.Error("no boot of the report has an error")
			}
			if tt.fault == nil {
				r.wantSaid("the end of the console of the ", "fake disk ")
			}
		})
	}
}
