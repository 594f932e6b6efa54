package main

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
)

func TestMaxSize(t *testing.T) {
	for text, want := range map[string]int64{"20G": 20 << 30, "500MiB": 500 << 20, "1t": 1 << 40, "4096": 4096, "12kB": 12 << 10, "none": 0} {
		t.Setenv(maxSizeEnv, text)
		if got, set, err := maxSize(); got != want || !set || err != nil {
			t.Errorf("%s: %d, %v, %v", text, got, set, err)
		}
	}
	for _, text := range []string{"much", "-1G", "0", "1.5G", "G", "9999999999T", "1GM"} {
		t.Setenv(maxSizeEnv, text)
		if got, _, err := maxSize(); err == nil {
			t.Errorf("%s is %d", text, got)
		}
	}
	t.Setenv(maxSizeEnv, "")
	if _, set, err := maxSize(); set || err != nil {
		t.Errorf("nothing: %v, %v", set, err)
	}
}

func TestShortOfRoom(t *testing.T) {
	t.Parallel()
	const g = int64(1 << 30)
	for _, tt := range []struct{ size, free, want int64 }{
		{100 * g, 50 * g, 0}, {100 * g, 5 * g, 0}, {100 * g, 2 * g, 3 * g}, {4000 * g, 30 * g, 0}, {4000 * g, 5 * g, 15 * g}, {0, 0, 0},
	} {
		if got := shortOf(tt.size, tt.free); got != tt.want {
			t.Errorf("%d free of %d: short of %d, want %d", tt.free, tt.size, got, tt.want)
		}
	}
}

// A limit of the user's holds as it is, and none means none.
func TestBudget(t *testing.T) {
	store, err := cache.Open(t.TempDir(), cache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(maxSizeEnv, "1K")
	var plan cache.PrunePlan
	if err := budget(&plan, build.Kit{Cache: store}, home{t.TempDir()}); err != nil || plan.Budget != 1024 || plan.Spare != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
	t.Setenv(maxSizeEnv, "none")
	plan = cache.PrunePlan{}
	if err := budget(&plan, build.Kit{Cache: store}, home{t.TempDir()}); err != nil || plan.Budget != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
}
