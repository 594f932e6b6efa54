package output_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

// dead is what a build leaves that ended without a word: files, and their records.
type dead struct {
	t         *testing.T
	book, dir string
	mine      string // a directory of the user's, elsewhere
	files     *output.Files
	close     func() error
}

func newDead(t *testing.T) *dead {
	t.Helper()
	d := &dead{t: t, book: t.TempDir(), dir: t.TempDir(), mine: t.TempDir()}
	l, err := ledger.Open(d.book)
	if err != nil {
		t.Fatal(err)
	}
	d.files, d.close = &output.Files{Scope: l.Scope("run", "test", nil)}, l.Close
	return d
}

func (d *dead) path(name string) string { return filepath.Join(d.dir, name) }

func (d *dead) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// reap is gc of a later process. It may be called again, as its error is told once.
func (d *dead) reap() error {
	d.t.Helper()
	d.must(d.close())
	l, err := ledger.Open(d.book)
	d.must(err)
	err = l.Reap(d.t.Context(), kinds, nil, nil)
	if err != nil && errors.Is(err, ledger.ErrLeft) {
		d.must(l.Reap(d.t.Context(), kinds, nil, nil))
	}
	return err
}

// What a user does to a file after its build died is not undone, also when the file
// keeps its inode, or gets it again, or its size.
func TestUsersFilesStay(t *testing.T) {
	t.Parallel()
	overwrite := func(name string) error { return os.WriteFile(name, []byte("mine"), 0o644) }
	for name, change := range map[string]func(name string) error{
		"written over": overwrite,
		"recreated":    func(name string) error { return errors.Join(os.Remove(name), overwrite(name)) },
		"one byte": func(name string) error {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte("mine"), 0) // as long as what was made
			return errors.Join(err, f.Close(), os.Chtimes(name, time.Time{}, time.Now().Add(time.Second)))
		},
		"as old as the other": func(name string) error {
			fi, err := os.Stat(name)
			return errors.Join(err, os.Remove(name), overwrite(name), os.Chtimes(name, fi.ModTime(), fi.ModTime()))
		},
	} {
		for _, replaces := range []bool{false, true} {
			t.Run(fmt.Sprint(name, replaces), func(t *testing.T) {
				t.Parallel()
				d := newDead(t)
				if replaces {
					d.must(os.WriteFile(d.path("file"), []byte("old"), 0o644))
				}
				d.must(d.files.Write(t.Context(), d.path("file"), 0o644, put("made")))
				d.tick()
				d.must(change(d.path("file")))
				err := d.reap()
				if replaces && !errors.Is(err, ledger.ErrLeft) {
					t.Error(err)
				}
				aside := regexp.MustCompile(`\S+/file\.pm\w+\.old`).FindString(fmt.Sprint(err))
				want := "file=mine"
				if replaces {
					want += " " + filepath.Base(aside) + "=old"
				}
				if got := tree(t, d.dir); got != want {
					t.Errorf("%s, want %s (%v)", got, want, err)
				}
			})
		}
	}
}

// The record of an older version does not say what the file was: it stays.
func TestOldRecords(t *testing.T) {
	t.Parallel()
	d := newDead(t)
	d.must(os.WriteFile(d.path("file"), []byte("old"), 0o644))
	d.must(d.files.Write(t.Context(), d.path("file"), 0o644, put("made")))
	d.must(d.files.Write(t.Context(), d.path("new/dir/file"), 0o644, put("made")))
	d.must(d.close())
	books, err := filepath.Glob(filepath.Join(d.book, "*"))
	d.must(err)
	text, err := os.ReadFile(books[0])
	d.must(err)
	short := regexp.MustCompile(`("id":"pm\w+:\d+:\d+):\d+:\d+:\d+:`).ReplaceAll(text, []byte("$1:"))
	if string(short) == string(text) {
		t.Fatal("the ids have another form")
	}
	d.must(os.WriteFile(books[0], short, 0o600))
	if err := d.reap(); !errors.Is(err, ledger.ErrLeft) || !strings.Contains(err.Error(), "file.pm") {
		t.Error(err)
	}
	got := regexp.MustCompile(`pm\w+`).ReplaceAllString(tree(t, d.dir), "TAG")
	if want := "file=made file.TAG.old=old new new/dir new/dir/file=made"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// tick returns when the clock of the file system has gone on.
func (d *dead) tick() {
	d.t.Helper()
	clock := d.path("clock")
	d.must(os.WriteFile(clock, nil, 0o600))
	begin, err := os.Stat(clock)
	d.must(err)
	for now := begin; !now.ModTime().After(begin.ModTime()); {
		d.must(os.Remove(clock))
		d.must(os.WriteFile(clock, nil, 0o600))
		now, err = os.Stat(clock)
		d.must(err)
	}
	d.must(os.Remove(clock))
}

// moved is a dead build that has moved a tree to a place.
func movedTree(t *testing.T, old bool) *dead {
	t.Helper()
	d := newDead(t)
	d.must(os.MkdirAll(d.path("from/etc"), 0o755))
	d.must(os.WriteFile(d.path("from/etc/hosts"), []byte("made"), 0o644))
	d.must(os.Link(d.path("from/etc/hosts"), d.path("from/etc/same")))
	d.must(os.Symlink("/", d.path("from/root")))
	d.must(os.WriteFile(filepath.Join(d.mine, "file"), []byte("mine"), 0o644))
	d.tick()
	if old {
		d.must(os.Mkdir(d.path("tree"), 0o755))
		d.must(os.WriteFile(d.path("tree/old"), []byte("old"), 0o644))
	}
	d.must(d.files.Move(t.Context(), d.path("from"), d.path("tree"), old, nil))
	d.tick()
	return d
}

func TestUsersTreesStay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *dead) error{
		"":          func(*dead) error { return nil },
		"etc/added": func(d *dead) error { return os.WriteFile(d.path("tree/etc/added"), nil, 0o644) },
		"etc/empty": func(d *dead) error { return os.Mkdir(d.path("tree/etc/empty"), 0o755) },
		"etc/hosts": func(d *dead) error { return os.WriteFile(d.path("tree/etc/hosts"), []byte("mine"), 0o644) },
		"moved":     func(d *dead) error { return os.Rename(d.mine, d.path("tree/moved")) },
		"etc/preserved": func(d *dead) error {
			long := time.Unix(1e9, 0)
			return errors.Join(os.WriteFile(d.path("tree/etc/preserved"), nil, 0o644), os.Chtimes(d.path("tree/etc/preserved"), long, long))
		},
	} {
		for _, old := range []bool{false, true} {
			t.Run(name+strconv.FormatBool(old), func(t *testing.T) {
				t.Parallel()
				d := movedTree(t, old)
				d.must(change(d))
				err := d.reap()
				if name == "" {
					want := ""
					if old {
						want = "tree tree/old=old"
					}
					if got := tree(t, d.dir); got != want || err != nil {
						t.Errorf("%s, %v", got, err)
					}
					return
				}
				if !errors.Is(err, ledger.ErrLeft) || !strings.Contains(err.Error(), d.path("tree/"+name)) {
					t.Error(err)
				}
				for _, path := range []string{"tree/" + name, "tree/etc/same"} {
					if _, err := os.Stat(d.path(path)); err != nil {
						t.Error(err)
					}
				}
				if aside := regexp.MustCompile(`now (\S+/tree\.pm\w+\.old)`).FindStringSubmatch(err.Error()); (aside != nil) != old {
					t.Error(err)
				} else if old {
					if got := tree(t, aside[1]); got != "old=old" {
						t.Error(got)
					}
				}
			})
		}
	}
}

// What a step of the build itself does to what it made goes with it.
func TestStepsMayChangeWhatWasMade(t *testing.T) {
	t.Parallel()
	d := movedTree(t, true)
	d.must(d.files.Write(t.Context(), d.path("file"), 0o644, put("made")))
	d.must(d.files.Changing(func() error {
		return errors.Join(os.WriteFile(d.path("file"), []byte("signed"), 0o644), os.WriteFile(d.path("tree/etc/more"), nil, 0o644))
	}))
	d.must(d.reap())
	if got := tree(t, d.dir); got != "tree tree/old=old" {
		t.Error(got)
	}
	// But not what somebody had changed before.
	d = newDead(t)
	d.must(d.files.Write(t.Context(), d.path("file"), 0o644, put("made")))
	d.must(os.WriteFile(d.path("file"), []byte("mine, and longer"), 0o644))
	d.must(d.files.Changing(func() error { return os.WriteFile(d.path("file"), []byte("appended"), 0o644) }))
	if err := d.reap(); !errors.Is(err, ledger.ErrLeft) {
		t.Error(err)
	}
	if got := tree(t, d.dir); got != "file=appended" {
		t.Error(got)
	}
}

// As long as the place of what was replaced is away, it is not forgotten.
func TestPlaceIsAway(t *testing.T) {
	t.Parallel()
	for _, make := range []func(d *dead, path string) error{
		func(d *dead, path string) error { return d.files.Write(d.t.Context(), path, 0o644, put("made")) },
		func(d *dead, path string) error {
			_, err := d.files.Add(d.t.Context(), path, 0o644, words, []byte("made"))
			return err
		},
	} {
		d := newDead(t)
		d.must(os.Mkdir(d.path("place"), 0o755))
		d.must(os.WriteFile(d.path("place/file"), []byte("old"), 0o644))
		d.must(make(d, d.path("place/file")))
		d.must(os.Rename(d.path("place"), d.path("away")))
		for range 2 {
			if err := d.reap(); err == nil || !strings.Contains(err.Error(), "not mounted") {
				t.Error(err)
			}
		}
		d.must(os.Rename(d.path("away"), d.path("place")))
		d.must(d.reap())
		if got := tree(t, d.dir); got != "place place/file=old" {
			t.Error(got)
		}
		// Another has its name.
		d = newDead(t)
		d.must(os.Mkdir(d.path("place"), 0o755))
		d.must(os.WriteFile(d.path("place/file"), []byte("old"), 0o644))
		d.must(make(d, d.path("place/file")))
		d.must(os.Rename(d.path("place"), d.path("away")))
		d.must(os.Mkdir(d.path("place"), 0o755))
		d.must(os.WriteFile(d.path("place/file"), []byte("new"), 0o644))
		err := d.reap()
		if !errors.Is(err, ledger.ErrLeft) {
			t.Errorf("nothing was told: %v", err)
			continue
		}
		where := regexp.MustCompile(`is (\S+) in the one that was moved`).FindStringSubmatch(err.Error())
		if where == nil {
			t.Error(err)
			continue
		}
		if text, err := os.ReadFile(filepath.Join(d.path("away"), where[1])); string(text) != "old" {
			t.Errorf("%q, %v", text, err)
		}
		if got := tree(t, d.path("place")); got != "file=new" {
			t.Error(got)
		}
		// Gone for good: the user says so.
		d = newDead(t)
		d.must(os.Mkdir(d.path("place"), 0o755))
		d.must(os.WriteFile(d.path("place/file"), []byte("old"), 0o644))
		d.must(make(d, d.path("place/file")))
		d.must(os.RemoveAll(d.path("place")))
		if err := d.reap(); err == nil {
			t.Error("it is forgotten")
		}
		d.must(os.Mkdir(d.path("place"), 0o755))
		d.must(os.WriteFile(d.path("place/file"), nil, 0o644))
		d.must(d.reap())
		// What the build had made alone is not missed.
		d = newDead(t)
		d.must(make(d, d.path("place/file")))
		d.must(os.RemoveAll(d.path("place")))
		d.must(d.reap())
	}
}

// mountDisk mounts the user's directory as a disk of its own.
func mountDisk(d *dead) {
	d.t.Helper()
	dir := d.path("disk")
	if err := syscall.Mount(d.mine, dir, "", syscall.MS_BIND, ""); err != nil {
		d.t.Skip("mounting is forbidden: ", err)
	}
	d.t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// As long as the disk is away on which a build has made something, that is not forgotten,
// whether it was complete or not.
func TestDiskIsAway(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	for name, make := range map[string]func(d *dead, path string) error{
		"file": func(d *dead, path string) error { return d.files.Write(d.t.Context(), path, 0o644, put("made")) },
		"tree": func(d *dead, path string) error {
			d.must(os.Mkdir(d.path("tree"), 0o755))
			return d.files.Move(d.t.Context(), d.path("tree"), path, false, func(_, to string) error { return os.Mkdir(to, 0o755) })
		},
		"entry": func(d *dead, path string) error {
			_, err := d.files.Add(d.t.Context(), path, 0o644, words, []byte("made"))
			return err
		},
		"half a file": func(d *dead, path string) error {
			err := d.files.Write(d.t.Context(), path, 0o644, func(*os.File) error {
				d.must(syscall.Unmount(d.path("disk"), syscall.MNT_DETACH))
				return errors.New("the disk was pulled out")
			})
			mountDisk(d)
			if err == nil || !strings.Contains(err.Error(), "not mounted") {
				return fmt.Errorf("its remains are forgotten: %w", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDead(t)
			d.must(os.Mkdir(d.path("disk"), 0o755))
			mount := func() { mountDisk(d) }
			unmount := func() { d.must(syscall.Unmount(d.path("disk"), syscall.MNT_DETACH)) } // a program that another test starts may hold it
			mount()
			d.must(make(d, d.path("disk/new/file")))
			unmount()
			for range 2 {
				if err := d.reap(); err == nil || !strings.Contains(err.Error(), "not mounted on "+d.path("disk")) {
					t.Error(err)
				}
			}
			mount()
			d.must(d.reap())
			unmount()
			if got := tree(t, d.mine); got != "" {
				t.Error(got)
			}
			// What the user has removed is not missed.
			d = newDead(t)
			d.must(os.Mkdir(d.path("disk"), 0o755))
			mount()
			d.must(make(d, d.path("disk/new/file")))
			d.must(os.RemoveAll(d.path("disk/new")))
			d.must(d.reap())
			unmount()
		})
	}
}
