package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	sqlite3 "modernc.org/sqlite/lib"
)

// The test program runs itself again to be another process, which adds versions.
const pathVariable, addsVariable = "PROOFMARK_TEST_CATALOG", "PROOFMARK_TEST_ADDS"

func TestMain(m *testing.M) {
	path := os.Getenv(pathVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	var n int
	fmt.Sscan(os.Getenv(addsVariable), &n)
	c, err := Open(path)
	for i := 0; err == nil && (n == 0 || i < n); i++ {
		var v Version
		v, err = c.Add(context.Background(), full())
		fmt.Println(v.Version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c.Close()
}

func adder(path string, n int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), pathVariable+"="+path, fmt.Sprint(addsVariable, "=", n))
	cmd.Stderr = os.Stderr
	return cmd
}

// Eight processes and eight goroutines add to a catalog that is not there yet.
func TestNumbersAreUnique(t *testing.T) {
	t.Parallel()
	const each = 4
	path := filepath.Join(t.TempDir(), "new", "catalog.db")
	var mu sync.Mutex
	given := map[string]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			out, err := adder(path, each).Output()
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, n := range strings.Fields(string(out)) {
				given[n]++
			}
		})
		wg.Go(func() {
			c, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range each {
				v, err := c.Add(t.Context(), full())
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := c.Get(t.Context(), fmt.Sprintf("web:%d", v.Version)); err != nil {
					t.Error(err)
				}
				mu.Lock()
				given[fmt.Sprint(v.Version)]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	want := map[string]int{}
	for i := range 16 * each {
		want[fmt.Sprint(i+1)] = 1
	}
	equal(t, "numbers", given, want)
}

// state is everything about a directory that writing would change.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		text := ""
		if fi.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text = string(b)
		}
		files[path] = fmt.Sprint(fi.Mode(), fi.ModTime(), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestReadingLeavesTheDiskAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "catalog.db")
	w := open(t, path)
	add(t, w, full())
	w.Close()
	before := state(t, dir)
	c := open(t, path)
	for range 2 {
		if _, err := c.ByKey(t.Context(), "web", "sha256:k"); err != nil {
			t.Error(err)
		}
		c.Get(t.Context(), "web")
		c.List(t.Context(), "")
		equal(t, "while open", state(t, dir), before)
	}
	c.Close()
	equal(t, "after", state(t, dir), before)
}

func TestReadingFromReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small tmpfs cannot be mounted here: %v (needs root)", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	path := filepath.Join(dir, "catalog.db")
	w := open(t, path)
	add(t, w, full())
	w.Close()
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	c := open(t, path)
	if _, err := c.Get(t.Context(), "web"); err != nil {
		t.Error(err)
	}
	if _, err := c.Add(t.Context(), full()); err == nil {
		t.Error("added to a read-only file system")
	}
	c.Close()
}

func TestAddOnFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("a small tmpfs cannot be mounted here: %v (needs root)", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	c := open(t, filepath.Join(dir, "catalog.db"))
	add(t, c, full())
	big := full()
	big.Log = strings.Repeat("x", 1<<20)
	if _, err := c.Add(t.Context(), big); code(err)&0xff != sqlite3.SQLITE_FULL {
		t.Errorf("err %v", err)
	}
	if v := add(t, c, full()); v.Version != 2 {
		t.Errorf("version %d", v.Version)
	}
	c.Close()
}

// While another process writes without pause, readers see whole versions only; and
// whenever it is killed, the catalog is whole.
func TestReadingBesideAWriterThatIsKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	add(t, c, full())
	reader := open(t, path)
	for range 5 {
		w := adder(path, 0)
		out, err := w.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Start(); err != nil {
			t.Fatal(err)
		}
		var n int
		fmt.Fscan(out, &n) // it has begun
		for range 20 {
			v, err := reader.Get(t.Context(), "web")
			if err != nil {
				t.Error(err)
				break
			}
			if want := full(); v.Version < n || len(v.Checks) != len(want.Checks) {
				t.Errorf("read version %d after %d was there", v.Version, n)
			}
		}
		w.Process.Kill()
		w.Wait()
		list, err := reader.List(t.Context(), "web")
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range list {
			if v.Version != len(list)-i {
				t.Fatalf("numbers have gaps: %d at place %d of %d", v.Version, i, len(list))
			}
		}
	}
}

// A writer that died half-way left its journal: the first reader takes back what
// the writer had begun.
func TestReaderRecoversFromDeadWriter(t *testing.T) {
	t.Parallel()
	live, dead := t.TempDir(), t.TempDir()
	c := open(t, filepath.Join(live, "catalog.db"))
	add(t, c, full())
	db, err := c.open("mode=rw&_pragma=cache_size(1)&_pragma=cache_spill(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	// More than the page cache holds: SQLite writes to the file before the commit.
	if _, err := tx.Exec(`UPDATE version SET version = 99, log = ?`, strings.Repeat("x", 1<<20)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"catalog.db", "catalog.db-journal"} {
		// Another process copies: closing a file here would give up SQLite's locks on it.
		if out, err := exec.Command("cp", filepath.Join(live, name), dead).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	v, err := open(t, filepath.Join(dead, "catalog.db")).Get(t.Context(), "web")
	if err != nil || v.Version != 1 || v.Log != full().Log {
		t.Errorf("got version %d with a log of %d bytes: %v", v.Version, len(v.Log), err)
	}
}

func TestWaitingForAWriterHeedsContext(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "catalog.db"))
	add(t, c, full())
	db, err := c.open("mode=rw&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	blocked := make(chan *sql.Tx)
	go func() {
		tx, err := db.Begin()
		if err != nil {
			t.Error(err)
		}
		blocked <- tx
	}()
	tx := <-blocked
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := c.Add(ctx, full()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("add: %v", err)
	}
	if d := time.Since(began); d > patience/2 {
		t.Errorf("gave up after %v", d)
	}
	if _, err := c.Get(t.Context(), "web"); err != nil {
		t.Errorf("a reader beside a writer that has not begun to commit: %v", err)
	}
	tx.Rollback()
	if v := add(t, c, full()); v.Version != 2 {
		t.Errorf("version %d", v.Version)
	}
}
