package cache

import (
	"context"
	"errors"
	"time"
)

// Store keeps entries under a directory that only its owner can read. It is safe
// for concurrent use by goroutines and processes.
type Store struct{}

// Options of a store. The zero value works.
type Options struct {
	MaxAge  time.Duration                 // age limit of layers and resolutions; 0: 7 days
	Refresh bool                          // resolve "latest" anew, and treat layers over 0 age as stale only where their resolution changed
	Warn    func(format string, a ...any) // e.g. offline: an old resolution is used
	Now     func() time.Time
}

// Open opens a store. Nothing is written before the first Commit or Resolve.
func Open(dir string, o Options) (*Store, error) { return nil, errors.ErrUnsupported }

// Hash begins the hash of a step on top of parent, with the home's key for
// secrets and the store's resolutions.
func (s *Store) Hash(parent Key, kind string) *Hash { return NewHash(parent, kind, nil) }

// Lookup returns the entry of a key, unless there is none or it is older than
// the age limit. It does not write.
func (s *Store) Lookup(key Key) (Entry, bool, error) { return Entry{}, false, errors.ErrUnsupported }

// Lease takes the one lease of a key, waiting while another goroutine or process
// holds it; when the holder dies, a waiter takes over. waiting, when not nil, is
// called once if there is a wait. The caller looks up the key again under the
// lease before building the layer.
func (s *Store) Lease(ctx context.Context, key Key, waiting func()) (release func(), err error) {
	return nil, errors.ErrUnsupported
}

// Hold protects a key and its ancestors from pruning while a build stands on
// them, by this or another process, until release.
func (s *Store) Hold(key Key) (release func(), err error) { return nil, errors.ErrUnsupported }

// Commit stores an entry in one step and syncs it; a key that is there already keeps its first
// entry, and ok is false: the caller discards its own layer.
func (s *Store) Commit(e Entry) (ok bool, err error) { return false, errors.ErrUnsupported }

// Touch notes that the entry was used. It writes at most once an hour per entry.
func (s *Store) Touch(key Key) {}

// Drop forgets an entry whose layer is gone, and all that stand on it.
func (s *Store) Drop(key Key) error { return errors.ErrUnsupported }

// List returns all entries, oldest first.
func (s *Store) List() ([]Entry, error) { return nil, errors.ErrUnsupported }

// Explain tells why a step's key differs from the newest entry of the same build
// and step index: which inputs were added, removed or changed. prev is that entry; found is false
// when there is none to compare with.
func (s *Store) Explain(build string, index int, inputs []Input) (changes []Change, prev Entry, found bool, err error) {
	return nil, Entry{}, false, errors.ErrUnsupported
}

// Change of one input. Old or New is empty when it was added or removed.
type Change struct{ Name, Old, New string }

// PrunePlan says what to prune; the zero value prunes what is over the age limit
// or has lost its parent.
type PrunePlan struct {
	All    bool
	Build  string        // only layers of this build
	Unused time.Duration // not used for this long
	Budget int64         // bytes: least recently used leaves go first until the rest fits
	DryRun bool
}

// Prune removes leaves only, one after the other, never what is held or leased;
// discard removes the layer itself and is called before the entry goes.
func (s *Store) Prune(ctx context.Context, p PrunePlan, discard func(ctx context.Context, e Entry) error) (pruned []Entry, err error) {
	return nil, errors.ErrUnsupported
}
