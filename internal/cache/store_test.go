package cache

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOpenWritesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	s := open(t, dir, Options{})
	if found(t, s, "a") {
		t.Error("an empty store has an entry")
	}
	if l, err := s.List(); err != nil || len(l) != 0 {
		t.Errorf("list: %v, %v", l, err)
	}
	if _, _, ok, err := s.Explain("b", 0, nil); ok || err != nil {
		t.Errorf("explain: %v, %v", ok, err)
	}
	if err := s.Drop(key("a")); err != nil {
		t.Errorf("drop: %v", err)
	}
	s.Touch(key("a"))
	prune(t, s, PrunePlan{All: true})
	if _, err := os.Stat(dir); err == nil {
		t.Error("reading made the directory")
	}
}

// What a build does in which nothing changed leaves every file and directory as it
// was. (A later Prune would be the first to write.)
func TestReadingWritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	chain(t, s, "base", "a")
	var l latest
	resolved(t, s, &l)
	if _, err := s.Keyed("password", "hunter2"); err != nil {
		t.Fatal(err)
	}
	state := func() map[string]string {
		files := map[string]string{}
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if fi, err := e.Info(); err == nil {
				files[path] = fmt.Sprint(fi.Mode(), fi.Size(), fi.ModTime())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	before := state()
	s = open(t, dir, Options{})
	h := s.Hash(key("base"), "rootfs 1")
	h.AddSecret("password", "hunter2")
	if _, err := h.Resolve("mirror", l.ask); err != nil || h.Err() != nil {
		t.Fatal(err, h.Err())
	}
	release, err := s.Hold(key("a"))
	if err != nil {
		t.Fatal(err)
	}
	if !found(t, s, "a") {
		t.Error("not found")
	}
	s.Touch(key("a"))
	release()
	s.List()
	s.Explain("fake.web", 1, nil)
	prune(t, s, PrunePlan{All: true, DryRun: true})
	equal(t, "state of the disk", state(), before)
}

func TestOpenRefusesFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "")
	if _, err := Open(path, Options{}); err == nil {
		t.Error("a file passes as a store")
	}
}

func TestCommitAndLookup(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	c := newClock()
	s := open(t, dir, Options{Now: c.now})
	chain(t, s, "base")
	want := Entry{
		Key: key("a"), Parent: key("base"), ParentRef: "base", Kind: "fake", Ref: "a", Build: "fake.web", Step: "shell x", Index: 1,
		Inputs: []Input{{"kind", "shell 1"}, {"inline", "true"}}, Secret: true,
		Created: c.now(), Since: c.now(), Used: c.now(), Took: time.Second, Size: 42, Log: "line 1\nline 2\n",
	}
	commit(t, s, want)
	got, ok, err := s.Lookup(key("a"))
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	log, err := s.Log(got)
	if err != nil || log != want.Log {
		t.Errorf("log %q, %v", log, err)
	}
	want.Log = ""
	equal(t, "entry", got, want)

	if ok, err := s.Commit(Entry{Key: key("a"), Kind: "fake", Ref: "other"}); ok || err != nil {
		t.Errorf("a second commit: ok=%v err=%v", ok, err)
	}
	if again, _, _ := s.Lookup(key("a")); again.Ref != "a" {
		t.Errorf("the first entry was replaced by %q", again.Ref)
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if fi, err := e.Info(); err == nil && fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, fi.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
}

func TestCommitRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	for name, e := range map[string]Entry{
		"no key":    {Kind: "fake", Ref: "r"},
		"no ref":    {Key: key("a"), Kind: "fake"},
		"no kind":   {Key: key("a"), Ref: "r"},
		"path":      {Key: "sha256:../../etc/passwd", Kind: "fake", Ref: "r"},
		"no parent": {Key: key("a"), Parent: "x", Kind: "fake", Ref: "r"},
	} {
		if _, err := s.Commit(e); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := s.Lookup(""); err == nil {
		t.Error("looking up an empty key is no error")
	}
}

func TestCommitNeedsItsParent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base")
	for name, e := range map[string]Entry{
		"unknown parent":              {Key: key("a"), Parent: key("none"), Ref: "a"},
		"another layer of the parent": {Key: key("a"), Parent: key("base"), ParentRef: "older", Ref: "a"},
	} {
		if ok, err := s.Commit(complete(e)); ok || err != nil {
			t.Errorf("%s: ok=%v err=%v", name, ok, err)
		}
	}
}

func TestAgeLimit(t *testing.T) {
	t.Parallel()
	c := newClock()
	dir := t.TempDir()
	s := open(t, dir, Options{Now: c.now})
	chain(t, s, "base")
	c.advance(6 * 24 * time.Hour)
	chain(t, s, "base", "step")
	e, _, _ := s.current(key("step"))
	if got := e.Created.Sub(e.Since); got != 6*24*time.Hour {
		t.Errorf("the step's content is said to be %v older than the step", got)
	}
	c.advance(24*time.Hour - time.Second)
	if !found(t, s, "base") || !found(t, s, "step") {
		t.Error("a layer is missed before its time")
	}
	c.advance(time.Second)
	if found(t, s, "base") {
		t.Error("the base outlives the age limit")
	}
	if found(t, s, "step") {
		t.Error("a step outlives what it stands on")
	}
	if found(t, open(t, dir, Options{Now: c.now, MaxAge: 365 * 24 * time.Hour}), "step") == false {
		t.Error("a longer limit does not find it")
	}
	c.advance(-30 * 24 * time.Hour)
	if found(t, s, "base") {
		t.Error("an entry of unknown age, from the future, is found")
	}
}

func TestCommitReplacesExpired(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, t.TempDir(), Options{Now: c.now})
	chain(t, s, "base", "step", "last")
	c.advance(8 * 24 * time.Hour)
	fresh := commit(t, s, Entry{Key: key("base"), Ref: "base 2"})
	if got, ok, _ := s.Lookup(key("base")); !ok || got.Ref != "base 2" || !got.Since.Equal(c.now()) {
		t.Errorf("found %v %+v", ok, got)
	}
	// A build that started before stands on the old base: its layer has no place
	// above the new one.
	if ok, err := s.Commit(complete(Entry{Key: key("late"), Parent: key("base"), ParentRef: "base", Ref: "late"})); ok || err != nil {
		t.Errorf("a layer on the old base: ok=%v err=%v", ok, err)
	}
	commit(t, s, Entry{Key: key("step"), Parent: fresh.Key, Ref: "step 2", Index: 1})
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	retired := map[string]bool{}
	for _, e := range list {
		retired[e.Ref] = e.Retired
	}
	equal(t, "retired", retired, map[string]bool{"base": true, "step": true, "last": true, "base 2": false, "step 2": false})
	equal(t, "discarded", prune(t, s, PrunePlan{}), []string{"last", "step", "base"})
	if !found(t, s, "base") || !found(t, s, "step") {
		t.Error("pruning the old took the new")
	}
}

// A builder that names layers after keys rebuilds an expired one in place.
func TestCommitReplacesInPlace(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, t.TempDir(), Options{Now: c.now})
	chain(t, s, "base")
	c.advance(8 * 24 * time.Hour)
	commit(t, s, Entry{Key: key("base"), Ref: "base"})
	if gone := prune(t, s, PrunePlan{DryRun: true}); len(gone) != 1 {
		t.Errorf("would prune %v", gone)
	}
	pruned, err := s.Prune(t.Context(), PrunePlan{}, nil)
	if err != nil || len(pruned) != 1 {
		t.Errorf("pruned %v, %v", pruned, err)
	}
	if !found(t, s, "base") {
		t.Error("the new layer was pruned with the old one's entry")
	}
}

func TestDrop(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base", "a", "a1", "a2")
	chain(t, s, "base", "b")
	if err := s.Drop(key("a")); err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]bool{"base": true, "b": true, "a": false, "a1": false, "a2": false} {
		if found(t, s, word) != want {
			t.Errorf("%s found: %v", word, !want)
		}
	}
	if err := s.Drop(key("a")); err != nil {
		t.Errorf("dropping twice: %v", err)
	}
	chain(t, s, "base", "a")
	if !found(t, s, "a") {
		t.Error("a dropped layer cannot be built again")
	}
}

func TestDropOfCircle(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "a", "b")
	record := filepath.Join(s.dir, "entries", recordName{digits: strings.TrimPrefix(string(key("a")), keyPrefix)}.String())
	text, _ := os.ReadFile(record)
	circle := strings.Replace(string(text), `"kind":`, `"parent":"`+string(key("b"))+`","parent_ref":"b","kind":`, 1)
	write(t, record, circle)
	if err := s.Drop(key("a")); err != nil {
		t.Error(err)
	}
	prune(t, s, PrunePlan{All: true})
}

func TestTouch(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, t.TempDir(), Options{Now: c.now})
	chain(t, s, "a")
	used := func() time.Time {
		e, _, _ := s.current(key("a"))
		return e.Used
	}
	first := used()
	c.advance(59 * time.Minute)
	s.Touch(key("a"))
	if !used().Equal(first) {
		t.Error("a touch within the hour was written")
	}
	c.advance(time.Minute)
	s.Touch(key("a"))
	if !used().Equal(c.now()) {
		t.Errorf("used %v, want %v", used(), c.now())
	}
	s.Touch(key("none"))
	s.Touch("")
}

func TestDamagedEntriesAreMisses(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"empty":       func(b []byte) []byte { return nil },
		"zeros":       func(b []byte) []byte { return make([]byte, len(b)) },
		"cut":         func(b []byte) []byte { return b[:len(b)/2] },
		"no line end": func(b []byte) []byte { return []byte(strings.TrimRight(strings.SplitAfter(string(b), "\n")[0], "\n")) },
		"another's key": func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), string(key("a")), string(key("b"))))
		},
		"no ref":     func(b []byte) []byte { return []byte(strings.Replace(string(b), `"ref":"a"`, `"ref":""`, 1)) },
		"wrong type": func(b []byte) []byte { return []byte(strings.Replace(string(b), `"ref":"a"`, `"ref":1`, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w warnings
			s := open(t, t.TempDir(), Options{Warn: w.warn})
			chain(t, s, "a")
			record := filepath.Join(s.dir, "entries", strings.TrimPrefix(string(key("a")), keyPrefix)+".json")
			text, err := os.ReadFile(record)
			if err != nil {
				t.Fatal(err)
			}
			write(t, record, string(damage(text)))
			if found(t, s, "a") {
				t.Fatal("it is found")
			}
			if len(w.text) != 1 || !strings.Contains(w.text[0], record) {
				t.Errorf("warnings: %q", w.text)
			}
			if l, err := s.List(); len(l) != 0 || err != nil {
				t.Errorf("list: %v, %v", l, err)
			}
			chain(t, s, "a")
			if !found(t, s, "a") {
				t.Error("it cannot be built again")
			}
		})
	}
}

func TestPruneRemovesDamagedEntries(t *testing.T) {
	t.Parallel()
	var w warnings
	s := open(t, t.TempDir(), Options{Warn: w.warn})
	chain(t, s, "a")
	record := filepath.Join(s.dir, "entries", strings.TrimPrefix(string(key("a")), keyPrefix)+".json")
	write(t, record, "{")
	write(t, filepath.Join(s.dir, "tmp", "left"), "by a killed process")
	prune(t, s, PrunePlan{})
	for _, path := range []string{record, filepath.Join(s.dir, "tmp", "left")} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}

func TestLongLog(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	e := commit(t, s, Entry{Key: key("a"), Ref: "a", Log: strings.Repeat("0123456789abcde\n", 1<<17) + "the end\n"})
	log, err := s.Log(e)
	if err != nil || len(log) > maxLog || len(log) < maxLog-16 || !strings.HasPrefix(log, "0123") || !strings.HasSuffix(log, "the end\n") {
		t.Errorf("log of %d bytes, from %.20q: %v", len(log), log, err)
	}
	if cut := lastPart(strings.Repeat("é", 10), 5); cut != "éé" {
		t.Errorf("a line without end is cut to %q", cut)
	}
}

func TestConcurrentCommits(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), Options{})
	chain(t, s, "base")
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[string]int{}
	for i := range 40 {
		wg.Go(func() {
			word := string(rune('a' + i%4))
			ok, err := s.Commit(complete(Entry{Key: key(word), Parent: key("base"), Ref: word + string(rune('0'+i/4))}))
			if err != nil {
				t.Error(err)
			}
			if ok {
				mu.Lock()
				won[word]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	equal(t, "commits that won", won, map[string]int{"a": 1, "b": 1, "c": 1, "d": 1})
}

func TestHomeKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	path := filepath.Join(dir, "secret.key")
	s := open(t, dir, Options{})
	s.Hash("", "shell 1").Add("a", "b")
	if _, err := os.Stat(path); err == nil {
		t.Error("the key was made without need")
	}
	var wg sync.WaitGroup
	keys := make([]Key, 20)
	for i := range keys {
		wg.Go(func() {
			s, err := Open(dir, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			h := s.Hash("", "shell 1")
			h.AddSecret("password", "hunter2")
			keys[i] = h.Key()
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k == "" || k != keys[0] {
			t.Fatalf("keys differ within one home: %q and %q", k, keys[0])
		}
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 || fi.Size() != 32 {
		t.Errorf("%v %v", fi, err)
	}
	other := open(t, t.TempDir(), Options{}).Hash("", "shell 1")
	other.AddSecret("password", "hunter2")
	if other.Key() == keys[0] {
		t.Error("two homes give one digest")
	}
	d1, err1 := s.Keyed("password", "hunter2")
	d2, err2 := s.Keyed("other", "hunter2")
	if err1 != nil || err2 != nil || d1 == d2 || strings.Contains(d1, "hunter2") {
		t.Errorf("keyed digests %q %v, %q %v", d1, err1, d2, err2)
	}
	write(t, path, "short")
	h := open(t, dir, Options{}).Hash("", "shell 1")
	h.AddSecret("password", "hunter2")
	if h.Key() != "" || h.Err() == nil || !strings.Contains(h.Err().Error(), "remove it") {
		t.Errorf("with a damaged key: %q, %v", h.Key(), h.Err())
	}
}
