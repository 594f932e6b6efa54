package build_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

func TestPruneLogs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	failed := b.build(edit(t, three, "echo two", "exit 3"), build.Options{})
	if failed.err == nil {
		t.Fatal("the build went well")
	}
	count := func() int { return len(b.below("logs")) + len(b.below("reports")) }
	prune := func(keep time.Duration, dryRun bool) []string {
		t.Helper()
		s := b.open()
		defer s.close()
		removed, err := s.PruneLogs(t.Context(), keep, dryRun)
		if err != nil {
			t.Error(err)
		}
		return removed
	}
	if all := count(); all != 8 {
		t.Fatalf("%d logs and reports", all)
	}
	b.now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	for _, keep := range []time.Duration{0, 25 * time.Hour} {
		if got := prune(keep, false); len(got) != 0 {
			t.Errorf("keeping %s: removed %q", keep, got)
		}
	}
	want := append([]string{failed.reports[0].Log}, failed.reports[0].Files...)
	slices.Sort(want)
	for _, dryRun := range []bool{true, false} {
		got := prune(23*time.Hour, dryRun)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("removed %q, want those of the build that made no image: %q", got, want)
		}
	}
	if left := append(b.below("logs"), b.below("reports")...); len(left) != 4 || slices.Contains(left, filepath.Base(want[0])) {
		t.Errorf("left %q", left)
	}
}
