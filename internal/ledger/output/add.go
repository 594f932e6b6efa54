package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Add adds an entry to the file at path, in one step, and tells whether it made the
// file. Any number of builds may add to a file at the same time. Of those that fail or
// die the entries go, and those of the others stay; with the last of them what was there
// before comes back as it was. A file that somebody else has changed meanwhile is
// theirs, and stays as it is.
func (f *Files) Add(ctx context.Context, path string, perm fs.FileMode, form Form, entry []byte) (created bool, err error) {
	to, err := place(path)
	if err != nil {
		return false, err
	}
	defer func() { err = in(filepath.Dir(to), err) }()
	err = f.within(ctx, filepath.Dir(to), func() error {
		created, err = f.addEntry(ctx, Resolve(to), perm, form, entry)
		return err
	})
	return created, err
}

func (f *Files) addEntry(ctx context.Context, to string, perm fs.FileMode, form Form, entry []byte) (created bool, err error) {
	if _, err := readShare(to); err != nil { // what is in the way is told before anything begins
		return false, err
	}
	where, err := f.entryPlace(to)
	if err != nil {
		return false, err
	}
	class, begun := f.entry(where, form), false
	undo := class.Destroy
	class.Destroy = func(ctx context.Context, id string) error {
		if !begun { // the directory went away before anything was put into it
			return nil
		}
		return undo(ctx, id)
	}
	id, err := f.Scope.CreateIn(ctx, where, class, func(ctx context.Context, tag string) (string, error) {
		id := identity{tag: tag, path: to}.String()
		return id, locked(ctx, filepath.Dir(to), func() (err error) {
			if _, err := os.Stat(filepath.Dir(to)); err != nil {
				return err
			}
			begun = true
			created, err = addTo(to, perm, form, shareEntry{Tag: tag, Text: entry})
			return err
		})
	})
	if err != nil {
		return false, err
	}
	f.add(made{id: id, path: to, shared: true})
	return created, nil
}

func (f *Files) entryPlace(to string) (ledger.Where, error) {
	where := f.where(to)
	there, err := exists(to)
	if err == nil && there {
		where[whereOld] = "shared"
		err = noteDir(where, to)
	}
	return where, err
}

// entry is what a build adds to a file.
func (f *Files) entry(where ledger.Where, forms ...Form) ledger.Class {
	return ledger.Class{
		Name: entryName,
		// Whether something is there is found out where it is undone.
		Find: func(_ context.Context, tag string) ([]string, error) {
			return []string{identity{tag: tag, path: where[wherePath]}.String()}, nil
		},
		Destroy: func(ctx context.Context, id string) error {
			i, err := parse(id)
			if err != nil {
				return err
			}
			owned := false
			if f.Owned != nil {
				if owned, err = f.Owned(ctx, where[whereBuild], i.path); err != nil {
					return err
				}
			}
			return locked(ctx, filepath.Dir(i.path), func() error {
				if owned {
					return keepEntry(i.path, i.tag)
				}
				return undoingIn(where, i).takeBack(forms)
			})
		},
	}
}

// addTo adds an entry under the lock.
func addTo(path string, perm fs.FileMode, form Form, e shareEntry) (created bool, err error) {
	there, err := exists(path)
	if err != nil {
		return false, err
	}
	s, err := loadShare(path, []Form{form})
	if err != nil {
		return false, err
	}
	if s != nil {
		ok, err := s.current()
		if err != nil {
			return false, err
		}
		whole, err := s.hasBase()
		if err != nil {
			return false, err
		}
		if !ok || !whole || s.Form != form.Name { // what is there now is somebody else's
			s = nil
		}
	}
	if s == nil {
		s = &share{path: path, forms: []Form{form}, Form: form.Name, Perm: perm}
		if there {
			if err := s.stand(e.Tag); err != nil {
				return false, err
			}
		}
	}
	s.Entries = append(s.Entries, e)
	return !there, s.write(e.Tag)
}

// stand makes what is there the base.
func (s *share) stand(tag string) error {
	s.Base = tag
	err := os.Link(s.path, s.base())
	if err != nil { // a file system without links
		text, err := os.ReadFile(s.path)
		if err == nil {
			err = fill(s.base(), s.Perm, func(w *os.File) error { _, err := w.Write(text); return err })
		}
		if err != nil {
			return err
		}
	}
	if s.Now, err = identify(s.path, tag, s.path); err != nil {
		return err
	}
	s.Was, err = identify(s.base(), tag, s.path)
	return err
}

// keepEntry makes an entry the user's, under the lock.
func keepEntry(path, tag string) error {
	s, err := loadShare(path, nil)
	if err != nil {
		return err
	}
	if s == nil || s.find(tag) < 0 { // somebody has changed the file since
		if s != nil && s.Base == tag {
			return nil
		}
		return os.RemoveAll(oldOf(path, tag))
	}
	s.Entries[s.find(tag)].Kept = true
	if err := s.handDown(); err != nil {
		return err
	}
	if err := s.save(tag); err != nil {
		return err
	}
	return s.settle()
}

// takeBack takes the entry of a tag out of a file. The caller holds the lock.
func (u undoing) takeBack(forms []Form) error {
	if err := removeAll(partOf(u.path, u.tag), sharePartOf(u.path, u.tag)); err != nil {
		return err
	}
	s, err := loadShare(u.path, forms)
	if err != nil {
		return err
	}
	if s == nil || s.find(u.tag) < 0 {
		return u.withoutShare(s)
	}
	if s.Entries[s.find(u.tag)].Kept {
		return s.settle()
	}
	if back, err := s.isBack(); err != nil {
		return err
	} else if back {
		return os.RemoveAll(shareOf(s.path))
	}
	there, err := exists(u.path)
	if err != nil {
		return err
	}
	ok, err := s.current()
	if err != nil {
		return err
	}
	if there && !ok {
		return u.giveUp(s, "it was changed after the build had added to it")
	}
	if whole, err := s.hasBase(); err != nil {
		return err
	} else if !whole && !there {
		return os.RemoveAll(shareOf(s.path))
	} else if !whole {
		return u.giveUp(s, "the build had added to it")
	}
	s.Entries = slices.DeleteFunc(s.Entries, func(e shareEntry) bool { return e.Tag == u.tag })
	if len(s.Entries) > 0 {
		if err := s.handDown(); err != nil {
			return err
		}
		if err := s.write(u.tag); err != nil {
			return err
		}
		return s.settle()
	}
	if s.Base == "" {
		err = ignoreAbsent(os.Remove(s.path))
	} else {
		err = os.Rename(s.base(), s.path)
	}
	if err != nil {
		return err
	}
	return s.settle()
}

// withoutShare ends what was not begun, was ended before, or came under another's
// changes.
func (u undoing) withoutShare(s *share) error {
	if s != nil && s.Base == u.tag {
		return nil // others need it
	}
	there, err := exists(u.path)
	if err != nil {
		return err
	}
	was, err := exists(u.old)
	switch {
	case err != nil:
		return err
	case was && !there:
		return renameNew(u.old, u.path)
	case was:
		return u.putAside(fmt.Sprintf("%s stays: somebody else has changed it", u.path))
	case !there:
		return u.missing()
	}
	return u.strayed()
}

// giveUp leaves the file to whoever has changed it, or has removed what was there before.
func (u undoing) giveUp(s *share, why string) error {
	why = fmt.Sprintf("%s stays: %s", u.path, why)
	if s.Base == "" {
		return errors.Join(os.RemoveAll(shareOf(s.path)), fmt.Errorf("%w: %s", ledger.ErrLeft, why))
	}
	first := undoing{identity: identity{tag: s.Base, path: s.path}, old: s.base()}
	was, err := exists(first.old)
	if err == nil && was {
		err = renameNew(first.old, first.aside())
	}
	if err == nil && !was { // or was put aside by one who died then
		was, err = exists(first.aside())
	}
	if err != nil {
		return err
	}
	if err := os.RemoveAll(shareOf(s.path)); err != nil {
		return err
	}
	if !was {
		return fmt.Errorf("%w: %s; somebody has removed %s, which was there before", ledger.ErrLeft, why, first.old)
	}
	return first.tellAside(why)
}
