package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Store keeps entries under a directory that only its owner can read. It is safe
// for concurrent use by goroutines and processes. Reading takes no lock and
// writes nothing.
//
// The directory holds
//
//	entries/DIGITS.json    one entry per key; its modification time is Used
//	entries/DIGITS~N.json  retired entries, whose layers wait to be discarded
//	holds/, leases/        lock files named like keys
//	kept/DIGITS~RUN        layers under machines that were left for a while: until the
//	                       file's modification time
//	resolved/              what "latest" was last time
//	digests.json           digests of large files, by path
//	tmp/                   files on their way to their place
//	secret.key             the home's key for digests of sensitive values
//	lock                   held for moments by whoever changes any of these
type Store struct {
	dir     string
	o       Options
	opened  time.Time
	secret  homeSecret
	digests digests
}

// Options of a store. The zero value works.
type Options struct {
	MaxAge  time.Duration                 // age limit of layers, images and resolutions; 0: 7 days; NoMaxAge: none
	Refresh bool                          // resolve "latest" anew; layers miss only where a resolution changed
	Warn    func(format string, a ...any) // e.g. offline: an old resolution is used; called from any goroutine
	Now     func() time.Time
}

const defaultMaxAge = 7 * 24 * time.Hour

// NoMaxAge as Options.MaxAge sets no age limit.
const NoMaxAge time.Duration = -1

// Open opens a store. Nothing is written before the first Commit, Resolve, Lease,
// Hold or secret.
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
		return nil, fmt.Errorf("open cache: %s is not a directory", dir)
	}
	if o.MaxAge == 0 {
		o.MaxAge = defaultMaxAge
	}
	if o.Warn == nil {
		o.Warn = func(string, ...any) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{dir: dir, o: o, opened: o.Now(), digests: digests{path: filepath.Join(dir, "digests.json")}}, nil
}

// Hash begins the hash of a step on top of parent, with the home's key for
// secrets, the store's resolutions and the digests of files that it remembers.
func (s *Store) Hash(parent Key, kind string) *Hash {
	h := NewHash(parent, kind, nil)
	h.homeKey, h.digests = s.homeKey, &s.digests
	h.resolve = func(name string, ask func() (string, error)) (string, error) {
		return s.resolve(kind, name, ask)
	}
	return h
}

// Lookup returns the entry of a key, without its Log, unless there is none or it
// is older than the age limit. An entry that cannot be made sense of is none, and
// the store warns. It does not write.
func (s *Store) Lookup(key Key) (Entry, bool, error) {
	e, ok, err := s.current(key)
	if err != nil {
		return Entry{}, false, fmt.Errorf("look up layer: %w", err)
	}
	if !ok || s.Stale(e.Since) {
		return Entry{}, false, nil
	}
	return e, true, nil
}

// current reads the entry of a key, however old it is.
func (s *Store) current(key Key) (Entry, bool, error) {
	digits, err := key.hex()
	if err != nil {
		return Entry{}, false, err
	}
	e, err := s.read(recordName{digits: digits})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Entry{}, false, nil
	case errors.Is(err, errCorrupt):
		s.o.Warn("ignoring a cached layer: %v", err)
		return Entry{}, false, nil
	case err != nil:
		return Entry{}, false, err
	}
	return e, true, nil
}

// Touch notes that the entry was used. It writes at most once an hour per entry.
func (s *Store) Touch(key Key) {
	digits, err := key.hex()
	if err != nil {
		return
	}
	// The time is the file's own, not part of its text: setting it can neither tear
	// an entry nor bring back one that is being pruned. Losing it costs nothing but
	// a worse order of pruning.
	path := filepath.Join(s.dir, "entries", recordName{digits: digits}.String())
	now := s.o.Now()
	if fi, err := os.Stat(path); err == nil && now.Sub(fi.ModTime()) >= time.Hour {
		os.Chtimes(path, now, now)
	}
}

// Now is the clock by which ages are told.
func (s *Store) Now() time.Time { return s.o.Now() }

// MaxAge is the age limit, or NoMaxAge.
func (s *Store) MaxAge() time.Duration { return s.o.MaxAge }

// Stale tells whether what was made then is over the age limit. What was made in
// the future is too: nobody knows how old it is.
func (s *Store) Stale(made time.Time) bool {
	age := s.o.Now().Sub(made)
	return s.o.MaxAge >= 0 && age >= s.o.MaxAge || age < -time.Hour
}

// mkdir makes a directory of the store.
func (s *Store) mkdir(sort string) error {
	dir := filepath.Join(s.dir, sort)
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return os.MkdirAll(dir, 0o700)
}

// change runs f while no other process or goroutine changes the store. f must be
// quick.
func (s *Store) change(f func() error) error {
	for _, sort := range []string{"entries", "tmp"} {
		if err := s.mkdir(sort); err != nil {
			return err
		}
	}
	l := &lock{path: filepath.Join(s.dir, "lock"), how: unix.LOCK_EX}
	if err := l.take(); err != nil {
		return err
	}
	defer l.close()
	return f()
}

// place writes a file in one step: it is there with all its content and synced,
// or not at all. It is called within change.
func (s *Store) place(path string, content []byte, modified time.Time) (err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, "tmp"), "")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := os.Chtimes(f.Name(), modified, modified); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
