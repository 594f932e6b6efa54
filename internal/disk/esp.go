package disk

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
)

// fillESP makes the FAT file system and copies files into it, by the names that mtools
// gives to places: "::/EFI/BOOT/BOOTX64.EFI".
func (w *writer) fillESP(ctx context.Context, files map[string]string) error {
	_, err := run(ctx, "", nil, "mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-n", "ESP", "-i", fmt.Sprintf("%08x", w.ids.fat),
		"-h", strconv.FormatInt(w.esp.start/sector, 10), "--offset", strconv.FormatInt(w.esp.start/sector, 10),
		w.file.Name(), strconv.FormatInt(w.esp.size/1024, 10))
	if err != nil {
		return err
	}
	// FAT knows no year before 1980.
	when := w.time()
	env := []string{"SOURCE_DATE_EPOCH=" + strconv.FormatInt(when.Unix(), 10), "MTOOLS_SKIP_CHECK=1"}
	place := fmt.Sprintf("%s@@%d", w.file.Name(), w.esp.start)
	made := map[string]bool{"::": true, "::/": true}
	for _, to := range slices.Sorted(maps.Keys(files)) {
		var missing []string
		for dir := path.Dir(to); !made[dir]; dir = path.Dir(dir) {
			made[dir] = true
			missing = append(missing, dir)
		}
		slices.Reverse(missing)
		for _, dir := range missing {
			if _, err := run(ctx, "", env, "mmd", "-i", place, dir); err != nil {
				return err
			}
		}
		if err := os.Chtimes(files[to], when, when); err != nil {
			return err
		}
		if _, err := run(ctx, "", env, "mcopy", "-m", "-i", place, files[to], to); err != nil {
			return err
		}
	}
	return nil
}
