package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Commit stores an entry in one step and syncs it. ok is false when it was not
// stored, and the layer stays the caller's own, to be discarded when no machine
// stands on it any more: the key has an entry already that is not over the age
// limit; or the parent's entry is gone, or leads to another layer than ParentRef
// by now, so that nobody could keep the two together.
//
// An entry over the age limit is replaced: it is retired together with all that
// stands on it, and the next Prune discards their layers.
func (s *Store) Commit(e Entry) (ok bool, err error) {
	digits, err := e.Key.hex()
	if err == nil && (e.Kind == "" || e.Ref == "") {
		err = errors.New("entry without kind or ref")
	}
	if err != nil {
		return false, fmt.Errorf("commit layer: %w", err)
	}
	if e.Created.IsZero() {
		e.Created = s.o.Now()
	}
	if e.Used.IsZero() {
		e.Used = e.Created
	}
	e.Created, e.Used, e.Since, e.Retired = e.Created.UTC(), e.Used.UTC(), e.Created.UTC(), false
	e.MaxAge = 0
	if longer(s.o.MaxAge, defaultMaxAge) {
		e.MaxAge = s.o.MaxAge
	}
	err = s.change(func() error {
		if e.Parent != "" {
			parent, found, err := s.current(e.Parent)
			if err != nil {
				return err
			}
			if !found || e.ParentRef != "" && e.ParentRef != parent.Ref {
				return nil
			}
			e.ParentRef = parent.Ref
			if parent.Since.Before(e.Since) {
				e.Since = parent.Since
			}
		}
		old, found, err := s.current(e.Key)
		if err != nil {
			return err
		}
		if found && !s.Stale(old.Since) {
			return nil
		}
		content, err := encodeEntry(e)
		if err != nil {
			return err
		}
		if err := s.retire(e.Key); err != nil {
			return err
		}
		s.prepareHold(digits)
		s.storeDigests()
		path := filepath.Join(s.dir, "entries", recordName{digits: digits}.String())
		if err := s.place(path, content, e.Used); err != nil {
			return err
		}
		ok = true
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("commit layer %s: %w", e.Key, err)
	}
	return ok, nil
}

// prepareHold makes the file that Hold will lock, so that a build which only
// holds what is there writes nothing. Hold makes it itself where this fails.
func (s *Store) prepareHold(digits string) {
	if s.mkdir("holds") == nil {
		if f, err := os.OpenFile(filepath.Join(s.dir, "holds", digits), os.O_CREATE|os.O_RDWR, 0o600); err == nil {
			f.Close()
		}
	}
}

// Drop forgets an entry whose layer is gone, and all that stand on it: they are
// retired, and the next Prune discards what is left of their layers.
func (s *Store) Drop(key Key) error {
	if _, err := key.hex(); err != nil {
		return fmt.Errorf("drop layer: %w", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "entries")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := s.change(func() error { return s.retire(key) }); err != nil {
		return fmt.Errorf("drop layer %s: %w", key, err)
	}
	return nil
}

// retire takes the entry of key and all that stand on it out of use, those first
// that nothing stands on: whoever is interrupted leaves no entry in use above one
// that is not. It is called within change.
func (s *Store) retire(key Key) error {
	digits, err := key.hex()
	if err != nil {
		return err
	}
	name := recordName{digits: digits}
	if _, err := os.Lstat(filepath.Join(s.dir, "entries", name.String())); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	ix, err := s.index()
	if err != nil {
		return err
	}
	top := ix.nodes[name]
	if top == nil {
		// It cannot be made sense of, so nothing is known to stand on it.
		return s.forget(name)
	}
	subtree, seen := []*node{top}, map[*node]bool{top: true}
	for i := 0; i < len(subtree); i++ {
		for _, child := range ix.children(subtree[i]) {
			if !child.Retired && !seen[child] {
				subtree, seen[child] = append(subtree, child), true
			}
		}
	}
	for i := len(subtree) - 1; i >= 0; i-- {
		if err := s.retireOne(subtree[i]); err != nil {
			return err
		}
	}
	return syncDir(filepath.Join(s.dir, "entries"))
}

// retireOne gives the record of n a retired name.
func (s *Store) retireOne(n *node) error {
	entries := filepath.Join(s.dir, "entries")
	from := filepath.Join(entries, n.name.String())
	n.name.nonce = rand.Text()
	n.Retired = true
	return os.Rename(from, filepath.Join(entries, n.name.String()))
}

// forget removes a record.
func (s *Store) forget(name recordName) error {
	err := os.Remove(filepath.Join(s.dir, "entries", name.String()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// claim makes sure that nobody holds or leases a key, and keeps new holders out
// until release. It does not wait: ok is false when somebody does.
func (s *Store) claim(digits string) (release func(), ok bool, err error) {
	leased, err := locked(filepath.Join(s.dir, "leases", digits), unix.LOCK_SH)
	if leased || err != nil {
		return nil, false, err
	}
	if err := s.mkdir("holds"); err != nil {
		return nil, false, err
	}
	l := &lock{path: filepath.Join(s.dir, "holds", digits), how: unix.LOCK_EX}
	if ok, err := l.try(); !ok {
		l.close()
		return nil, false, err
	}
	// Whoever leaves a machine says so while it holds the key: nobody does now.
	if kept, err := s.kept(digits); kept || err != nil {
		l.remove()
		return nil, false, err
	}
	return l.remove, true, nil
}

// used sets when an entry was used last, unless that is known to be later.
func (s *Store) used(n *node, t time.Time) {
	if t.After(n.Used) {
		os.Chtimes(filepath.Join(s.dir, "entries", n.name.String()), t, t)
	}
}
