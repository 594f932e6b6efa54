package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// resolution is what something "latest" was at a moment.
type resolution struct {
	Kind  string    `json:"kind"`
	Name  string    `json:"name"`
	Value string    `json:"value"`
	At    time.Time `json:"at"`
}

// patience is how long one process waits for another that asks the same. After
// that it asks by itself: asking twice is slow, not wrong.
const patience = 10 * time.Second

func (s *Store) resolve(kind, name string, ask func() (string, error)) (string, error) {
	sum := sha256.New()
	writeTexts(sum, kind, name)
	id := hex.EncodeToString(sum.Sum(nil))
	path := filepath.Join(s.dir, "resolved", id+".json")

	old, known := s.resolution(path)
	if known && s.fresh(old) {
		return old.Value, nil
	}
	if release, ok := s.askAlone(id); ok {
		defer release()
		if old, known = s.resolution(path); known && s.fresh(old) {
			return old.Value, nil
		}
	}
	value, err := ask()
	switch {
	case err == nil:
		s.remember(path, resolution{kind, name, value, s.o.Now().UTC()})
		return value, nil
	case known && !errors.Is(err, context.Canceled):
		s.o.Warn("using what %s was %s ago, because it cannot be resolved now: %v",
			name, s.o.Now().Sub(old.At).Round(time.Minute), err)
		return old.Value, nil
	}
	return "", err
}

// fresh tells whether a resolution need not be asked for again. A refresh trusts
// what was asked since it began, by whomever.
func (s *Store) fresh(r resolution) bool {
	return !s.Stale(r.At) && (!s.o.Refresh || !r.At.Before(s.opened))
}

// askAlone keeps others from asking the same until release. Without a lock the
// question is asked all the same.
func (s *Store) askAlone(id string) (release func(), ok bool) {
	if s.mkdir("leases") != nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l := &lock{path: filepath.Join(s.dir, "leases", "resolve-"+id), how: unix.LOCK_EX}
	if l.wait(ctx, nil) != nil {
		return nil, false
	}
	return l.remove, true
}

func (s *Store) resolution(path string) (resolution, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.o.Warn("ignoring a stored resolution: %v", err)
		}
		return resolution{}, false
	}
	var r resolution
	if err := json.Unmarshal(text, &r); err != nil || r.At.IsZero() {
		s.o.Warn("ignoring a stored resolution: %s: %v", path, errCorrupt)
		return resolution{}, false
	}
	return r, true
}

// remember stores a resolution. The answer is good without it, so failing is
// worth a warning only.
func (s *Store) remember(path string, r resolution) {
	text, err := json.Marshal(r)
	if err == nil {
		err = s.change(func() error {
			if err := s.mkdir("resolved"); err != nil {
				return err
			}
			return s.place(path, append(text, '\n'), r.At)
		})
	}
	if err != nil {
		s.o.Warn("cannot store what %s is now: %v", r.Name, err)
	}
}
