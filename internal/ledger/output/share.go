package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Form says how an entry is added to a file that many builds write to, such as a list.
type Form struct {
	// Name is written down; whoever undoes what a dead build added looks the form up by it.
	Name string
	// Add returns the text with the entry; text is nil where there is no file. Taking an
	// entry back is adding all others to the text that was there before.
	Add func(text, entry []byte) ([]byte, error)
}

// share is what is known of a file as long as builds that added to it may fail. It lies
// beside the file, and is read and written under the lock of the directory.
//
// The file always is the base with the entries added in order. Otherwise somebody else
// has changed it, and it is theirs.
type share struct {
	path  string
	forms []Form

	Form    string       `json:"form"`
	Base    string       `json:"base,omitempty"` // the tag of the second name of what was there before the first entry
	Was     string       `json:"was,omitempty"`  // the identity of that
	Now     string       `json:"now,omitempty"`  // the identity of the file before the last change
	Next    string       `json:"next,omitempty"` // and after it
	Perm    fs.FileMode  `json:"perm"`
	Entries []shareEntry `json:"entries"`
}

// shareEntry is what one build added; one that is kept stays whatever comes.
type shareEntry struct {
	Tag  string `json:"tag"`
	Text []byte `json:"text"`
	Kept bool   `json:"kept,omitempty"`
}

func shareOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".pm")
}

func sharePartOf(path, tag string) string {
	return filepath.Join(filepath.Dir(path), "."+tag+".pm.part")
}

// loadShare reads what is known of a file; nil when nobody has to know anything.
func loadShare(path string, forms []Form) (*share, error) {
	s, err := readShare(path)
	if err != nil || s == nil {
		return nil, err
	}
	s.forms = forms
	if !s.pending() { // who settled it died
		return nil, s.settle()
	}
	return s, s.recover()
}

// pending tells whether an entry may still be taken back.
func (s *share) pending() bool {
	return slices.ContainsFunc(s.Entries, func(e shareEntry) bool { return !e.Kept })
}

// recover finds the base of who died while it got another name.
func (s *share) recover() error {
	if s.Base == "" {
		return nil
	}
	there, err := s.hasBase()
	for i := 0; i < len(s.Entries) && err == nil && !there; i++ {
		if there, err = exists(oldOf(s.path, s.Entries[i].Tag)); there {
			s.Base = s.Entries[i].Tag
		}
	}
	return err
}

// hasBase tells whether what was there before still has its second name, if there was
// something.
func (s *share) hasBase() (bool, error) {
	if s.Base == "" {
		return true, nil
	}
	return exists(s.base())
}

// handDown names the base after an entry that may still be taken back: whoever takes
// back or keeps that one finds it, whatever becomes of the rest.
func (s *share) handDown() error {
	i := slices.IndexFunc(s.Entries, func(e shareEntry) bool { return !e.Kept })
	if i < 0 || s.Base == "" || slices.ContainsFunc(s.Entries, func(e shareEntry) bool { return !e.Kept && e.Tag == s.Base }) {
		return nil
	}
	from := s.base()
	s.Base = s.Entries[i].Tag
	return ignoreAbsent(os.Rename(from, s.base())) // somebody may have removed it
}

// save writes down what is known. tag names who does it.
func (s *share) save(tag string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	part := sharePartOf(s.path, tag)
	if err := os.RemoveAll(part); err != nil { // of who died
		return err
	}
	if err := s.fill(part, text); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	if err := os.Rename(part, shareOf(s.path)); err != nil {
		return err
	}
	return ledger.SyncDir(filepath.Dir(s.path))
}

func (s *share) find(tag string) int {
	return slices.IndexFunc(s.Entries, func(e shareEntry) bool { return e.Tag == tag })
}

// current tells whether the file is as builds have left it.
func (s *share) current() (bool, error) {
	for _, id := range []string{s.Next, s.Now} {
		if id == "" {
			continue
		}
		v, err := mustParse(id).at(s.path)
		if err != nil || v == ours {
			return v == ours, err
		}
	}
	return false, nil
}

// isBack tells whether what was there before has its name back already.
func (s *share) isBack() (bool, error) {
	v, err := s.at(s.Was)
	if err != nil || v != ours {
		return false, err
	}
	base, err := s.hasBase()
	return !base, err
}

// base is the second name of what was there before; "" when there was nothing.
func (s *share) base() string {
	if s.Base == "" {
		return ""
	}
	return oldOf(s.path, s.Base)
}

// fold is the text that the file has with its entries.
func (s *share) fold() (text []byte, err error) {
	i := slices.IndexFunc(s.forms, func(f Form) bool { return f.Name == s.Form })
	if i < 0 {
		return nil, fmt.Errorf("nobody here knows how to add to a %s", s.Form)
	}
	if s.Base != "" {
		if _, err = os.Lstat(s.base()); err == nil {
			text, err = os.ReadFile(s.base())
			err = ignoreAbsent(err) // a link that leads nowhere
		}
		if err != nil {
			return nil, err
		}
	}
	for _, e := range s.Entries {
		if text, err = s.forms[i].Add(text, e.Text); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// write brings the file up to date with the entries. tag names who does it.
func (s *share) write(tag string) error {
	text, err := s.fold()
	if err != nil {
		return err
	}
	part := partOf(s.path, tag)
	if err := s.fill(part, text); err != nil {
		return errors.Join(err, os.RemoveAll(part))
	}
	next, err := identify(part, tag, s.path)
	if err != nil {
		return err
	}
	now, err := s.at(s.Next)
	if err != nil {
		return err
	}
	if now == ours {
		s.Now = s.Next
	}
	s.Next = next
	if err := s.save(tag); err != nil {
		return err
	}
	if err := os.Rename(part, s.path); err != nil {
		return err
	}
	return ledger.SyncDir(filepath.Dir(s.path))
}

// fill makes a file that may be read and changed by those who might do so with what was
// there before.
func (s *share) fill(name string, text []byte) error {
	return fill(name, s.Perm, func(w *os.File) error {
		if base, err := os.Stat(s.base()); s.Base != "" && err == nil {
			if of, ok := base.Sys().(*syscall.Stat_t); ok {
				_ = w.Chown(int(of.Uid), int(of.Gid)) // only root can, and has to
			}
			if err := w.Chmod(base.Mode().Perm()); err != nil {
				return err
			}
		}
		_, err := w.Write(text)
		return err
	})
}

func (s *share) at(id string) (verdict, error) {
	if id == "" {
		return absent, nil
	}
	return mustParse(id).at(s.path)
}

// settle removes what need not be known any more.
func (s *share) settle() error {
	if s.pending() {
		return nil
	}
	if s.Base != "" {
		if err := os.RemoveAll(s.base()); err != nil {
			return err
		}
	}
	return os.RemoveAll(shareOf(s.path))
}

func ignoreAbsent(err error) error {
	return ignore(err, fs.ErrNotExist)
}
