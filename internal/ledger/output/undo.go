package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// undoing takes back one thing that was made at a path.
type undoing struct {
	identity
	tree     bool   // a directory goes with all that is in it
	old      string // the second name of what it replaced
	replaced bool   // it did replace something
	disk     string // device of the directory; "" when not recorded
	dir      string // its inode; "" when not recorded
	mount    string // where its file system was mounted; "" when not recorded, or /
}

// undoingIn is what the place in a record says of it.
func undoingIn(where ledger.Where, i identity) undoing {
	return undoing{identity: i, old: oldOf(i.path, i.tag), replaced: where[whereOld] != "",
		disk: where[whereDisk], dir: where[whereDir], mount: where[whereMount]}
}

// undo removes what was made, under whichever name it has, and gives what it replaced
// its name back. What somebody else has put there or changed stays, and so does what
// it replaced: an ErrLeft says what lies where. When a later build has replaced what
// was made, that one gives back what this one would have.
//
// The caller holds the lock of the directory. Who dies in between may undo again.
func (u undoing) undo() error {
	if err := os.RemoveAll(partOf(u.path, u.tag)); err != nil {
		return err
	}
	now, why, err := u.judge()
	if err != nil {
		return err
	}
	was, err := exists(u.old)
	if err != nil {
		return err
	}
	if now == absent || now == other {
		if done, err := u.passOn(was); done || err != nil {
			return err
		}
	}
	if !was && now != absent {
		if err := u.strayed(); err != nil {
			return err
		}
	}
	switch {
	case now == ours && was:
		return u.giveBack()
	case now == ours:
		return u.remove()
	case now == absent && was:
		return renameNew(u.old, u.path)
	case now == absent:
		return u.missing()
	case was:
		return u.putAside(why)
	case now == changed:
		return fmt.Errorf("%w: %s", ledger.ErrLeft, why)
	}
	if again, err := exists(u.aside()); err != nil || !again {
		return err
	}
	return u.tellAside(why)
}

// judge tells what there is at the path, and why that would stay.
func (u undoing) judge() (verdict, string, error) {
	now, err := u.at(u.path)
	if err != nil || now != ours || !u.tree {
		why := "it is not what the build made"
		if now == changed {
			why = "it may have been changed after the build had made it"
		}
		return now, fmt.Sprintf("%s stays: %s", u.path, why), err
	}
	s, err := look(u.path)
	if err != nil || !s.isDir() {
		return now, "", err
	}
	found, err := u.strangers()
	if found != "" {
		now = changed
	}
	return now, fmt.Sprintf("%s stays as a whole: after the build had made it somebody added or changed %s", u.path, found), err
}

// passOn looks for a build that has replaced what this one made, and would give it
// back: it gets what this one would give back instead.
func (u undoing) passOn(was bool) (done bool, err error) {
	dir := filepath.Dir(u.path)
	names, err := os.ReadDir(dir)
	if err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	for _, name := range names {
		if !strings.HasPrefix(name.Name(), ".") || !strings.HasSuffix(name.Name(), ".old") {
			continue
		}
		later := filepath.Join(dir, name.Name())
		v, err := u.at(later)
		if err != nil {
			return false, err
		}
		if later == u.old || v != ours {
			continue
		}
		if !was {
			return true, os.RemoveAll(later)
		}
		return true, u.exchange(later)
	}
	return false, nil
}

// giveBack puts what was replaced in the place of what was made.
func (u undoing) giveBack() error { return u.exchange(u.path) }

// exchange puts what was replaced in the place of a name.
func (u undoing) exchange(name string) error {
	for _, n := range []string{u.old, name} {
		s, err := look(n)
		if err != nil {
			return err
		}
		if !s.isDir() {
			continue
		}
		// Nothing can be renamed over a directory, and a directory over nothing.
		part := partOf(u.path, u.tag)
		if err := os.Rename(name, part); err != nil {
			return err
		}
		return errors.Join(os.Rename(u.old, name), os.RemoveAll(part))
	}
	return os.Rename(u.old, name)
}

// remove removes what was made; a directory that is no tree only when nothing is left
// in it, because others may have put something there.
func (u undoing) remove() error {
	if u.tree {
		part := partOf(u.path, u.tag)
		return errors.Join(os.Rename(u.path, part), os.RemoveAll(part))
	}
	// Under its own lock too: a build that has made sure of it may be about to use it.
	err := locked(context.Background(), u.path, func() error { return os.Remove(u.path) })
	if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST) {
		return nil
	}
	return ignore(err, fs.ErrNotExist)
}

// missing is an error when the place where something was made, or is to be given back,
// cannot be looked at, so that the record stays.
func (u undoing) missing() error {
	if err := away(u.path, u.mount); err != nil || !u.replaced {
		return err
	}
	s, err := look(filepath.Dir(u.path))
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR):
		return err
	case err == nil && u.isDir(s):
		return nil // somebody removed both
	}
	return fmt.Errorf("cannot give back what %s was: its directory was moved or removed, or its disk is not mounted. "+
		"Bring it back and run proofmark gc; if it is gone for good, put an empty file of that name there before", u.path)
}

// isDir tells whether it is the directory in which something was replaced, as far as that
// is recorded.
func (u undoing) isDir(s status) bool {
	return (u.disk == "" || u.disk == strconv.FormatUint(s.dev, 10)) && (u.dir == "" || u.dir == strconv.FormatUint(s.ino, 10))
}

// strayed is an ErrLeft when what was replaced went away with its directory, and another
// has its name. What is in that one stays.
func (u undoing) strayed() error {
	s, err := look(filepath.Dir(u.path))
	if !u.replaced || err != nil || u.isDir(s) {
		return ignoreAbsent(err)
	}
	if there, err := look(u.path); err == nil && there.isRegular() && there.size == 0 {
		return nil // by this the user says that it is gone: see missing
	}
	return fmt.Errorf("%w: %s stays: its directory was moved or removed, and is another now; what was there before is %s in the one that was moved",
		ledger.ErrLeft, u.path, filepath.Base(u.old))
}

// aside is the name of what was replaced when it cannot have its own back.
func (u undoing) aside() string { return u.path + "." + u.tag + ".old" }

func (u undoing) putAside(why string) error {
	was, err := look(u.old)
	if err != nil {
		return err
	}
	if now, err := look(u.path); err == nil && now.dev == was.dev && now.ino == was.ino { // it was not replaced yet
		return os.Remove(u.old)
	}
	if err := renameNew(u.old, u.aside()); err != nil {
		return err
	}
	return u.tellAside(why)
}

func (u undoing) tellAside(why string) error {
	return fmt.Errorf("%w: %s; what was there before is now %s", ledger.ErrLeft, why, u.aside())
}
