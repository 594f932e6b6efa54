package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// KeepUntil protects a key and its ancestors from pruning until then, also when this
// process has ended: a machine stands on them that is left for a while. run names who
// leaves it, for LetGo. The caller holds the key.
func (s *Store) KeepUntil(key Key, run string, until time.Time) error {
	digits, err := key.hex()
	if err == nil && run != filepath.Base(run) {
		err = fmt.Errorf("%q is no name of a run", run)
	}
	if err == nil {
		err = s.mkdir("kept")
	}
	if err == nil {
		// Never seen without its time: LetGo would end it at once.
		err = s.change(func() error { return s.place(filepath.Join(s.dir, "kept", digits+"~"+run), nil, until) })
	}
	if err != nil {
		return fmt.Errorf("keep layer: %w", err)
	}
	return nil
}

// LetGo ends what KeepUntil began, for runs that leave nothing any more, and where
// its time is over.
func (s *Store) LetGo(leaves func(run string) bool) error {
	marks, err := s.keptMarks()
	if err != nil {
		return fmt.Errorf("let go of layers: %w", err)
	}
	for _, m := range marks {
		if m.until.After(s.o.Now()) && leaves(m.run) {
			continue
		}
		if err := os.Remove(m.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("let go of layers: %w", err)
		}
	}
	return nil
}

// kept tells whether a machine that was left for a while stands on a layer.
func (s *Store) kept(digits string) (bool, error) {
	marks, err := s.keptMarks()
	for _, m := range marks {
		if m.digits == digits && m.until.After(s.o.Now()) {
			return true, nil
		}
	}
	return false, err
}

// keptMark is a file kept/DIGITS~RUN, whose modification time is when its time is over.
type keptMark struct {
	path, digits, run string
	until             time.Time
}

func (s *Store) keptMarks() (marks []keptMark, err error) {
	dir := filepath.Join(s.dir, "kept")
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, f := range files {
		digits, run, ok := strings.Cut(f.Name(), "~")
		fi, err := f.Info()
		if !ok || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		marks = append(marks, keptMark{filepath.Join(dir, f.Name()), digits, run, fi.ModTime()})
	}
	return marks, err
}
