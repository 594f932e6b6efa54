package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
)

// maxSizeEnv says how much all layers together may hold once a build has ended.
const maxSizeEnv = "PROOFMARK_CACHE_MAX_SIZE"

// Without a limit of the user's, layers give way when the disk of the home is nearly
// full: a twentieth of it, but no more than lastRoom, is kept free at the cost of layers
// that nobody has used for a day.
const (
	lastRoom   = 20 << 30
	spareLayer = 24 * time.Hour
)

// maxSize is the limit of the environment in bytes; set is false where it says nothing,
// and a limit of 0 is none.
func maxSize() (limit int64, set bool, err error) {
	text := os.Getenv(maxSizeEnv)
	if text == "" || text == "none" {
		return 0, text != "", nil
	}
	number, unit := strings.TrimRight(strings.ToUpper(text), "IB"), int64(1)
	if i := strings.IndexAny(number, "KMGT"); i >= 0 && i == len(number)-1 {
		unit = 1 << (10 * (1 + strings.IndexByte("KMGT", number[i])))
		number = number[:i]
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > 1<<62/unit {
		return 0, false, fmt.Errorf("%s=%s: write a size such as 20G or 500M, or none for no limit", maxSizeEnv, text)
	}
	return n * unit, true, nil
}

// budget adds to a plan what must go for want of room.
func budget(plan *cache.PrunePlan, kit build.Kit, h home) error {
	limit, set, err := maxSize()
	if set || err != nil {
		plan.Budget = limit
		return err
	}
	var st unix.Statfs_t
	if unix.Statfs(h.dir, &st) != nil { // nothing was built here
		return nil
	}
	short := shortOf(int64(st.Blocks)*st.Bsize, int64(st.Bavail)*st.Bsize)
	if short == 0 {
		return nil
	}
	layers, err := kit.Cache.List()
	if err != nil {
		return err
	}
	var sum int64
	for _, e := range layers {
		sum += e.Size
	}
	plan.Budget, plan.Spare = max(1, sum-short), spareLayer
	return nil
}

// shortOf is how many bytes a disk lacks of those to be kept free.
func shortOf(size, free int64) int64 { return max(0, min(size/20, lastRoom)-free) }
