package build

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// KeepLogs is how long logs and reports stay that no image refers to, when nothing
// else is said.
const KeepLogs = 90 * 24 * time.Hour

// PruneLogs removes logs and reports that were written longer ago than keep, but for
// those that an image of the catalog refers to. It returns what it removed, or with
// dryRun would remove. 0 keeps all. The error is an ErrStrangeCatalog, and nothing was
// removed, when there are images, and the catalog knows none of them.
func (k Kit) PruneLogs(ctx context.Context, keep time.Duration, dryRun bool) (removed []string, err error) {
	if keep <= 0 {
		return nil, nil
	}
	// First the old files, then the catalog: what it comes to refer to is newer.
	before := k.Cache.Now().Add(-keep)
	var old []string
	for _, dir := range []string{k.Logs, k.Reports} {
		files, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("prune logs: %w", err)
		}
		for _, f := range files {
			if fi, err := f.Info(); err == nil && fi.Mode().IsRegular() && fi.ModTime().Before(before) {
				old = append(old, filepath.Join(dir, f.Name()))
			}
		}
	}
	images, err := k.Catalog.List(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("prune logs: %w", err)
	}
	if unknown, known, err := k.imageDirs(ctx); err != nil {
		return nil, fmt.Errorf("prune logs: %w", err)
	} else if known == 0 && len(unknown) > 0 {
		return nil, fmt.Errorf("prune logs: %w", k.strange(unknown))
	}
	told := map[string]bool{}
	for _, v := range images {
		told[stem(v.Log)], told[stem(v.Report)] = true, true
	}
	for _, path := range old {
		if told[stem(path)] {
			continue
		}
		if !dryRun {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, fmt.Errorf("prune logs: %w", err)
			}
		}
		removed = append(removed, path)
	}
	return removed, nil
}

// stem is the name of a log or report, which has the run's id: without its directory,
// since the home may have been moved, and its extension, since a report has several forms.
func stem(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name))
}
