package ledger

import (
	"context"
	"errors"
	"time"
)

// Ledger is the set of records under one directory; one file per owner (process).
// It is safe for concurrent use.
type Ledger struct{}

// Option changes how a ledger is opened.
type Option func(*Ledger)

// Point is a moment at which a process may die and leave something behind.
type Point struct {
	N    int    // counts from 1 within the process
	Name string // e.g. "before-intent mount", "after-create mount", "after-id mount", "before-destroy mount"
}

// WithObserver calls f at every Point, synchronously. Tests kill the process there.
func WithObserver(f func(Point)) Option { return func(*Ledger) {} }

// Open opens the ledger in dir. Nothing is written before the first Create.
func Open(dir string, opts ...Option) (*Ledger, error) { return nil, errors.ErrUnsupported }

// Close gives up the owner's lock. The owner's file is removed when it holds
// nothing that a reaper would still have to look at.
func (l *Ledger) Close() error { return errors.ErrUnsupported }

// Scope is the part of the ledger that one builder writes during one run. It is
// safe for concurrent use.
type Scope struct{}

// Scope begins a scope.
func (l *Ledger) Scope(run, kind string, where Where) *Scope { return nil }

// Create writes the intent, calls create with a unique tag that the resource must
// carry, and writes the id. When create fails, the resource is looked for and
// destroyed (a half-made one too) before Create returns. When the ledger cannot
// be written, nothing is created.
func (s *Scope) Create(ctx context.Context, c Class, create func(ctx context.Context, tag string) (id string, err error)) (string, error) {
	return "", errors.ErrUnsupported
}

// Destroy destroys a resource that this scope made, and records it. Destroying
// what is destroyed already is no error.
func (s *Scope) Destroy(ctx context.Context, id string) error { return errors.ErrUnsupported }

// Keep records that the resource belongs to someone else from now on.
func (s *Scope) Keep(id string) error { return errors.ErrUnsupported }

// KeepUntil gives everything the scope still holds an expiry: it outlives the
// process, and the reaper leaves it until then.
func (s *Scope) KeepUntil(t time.Time) error { return errors.ErrUnsupported }

// Close destroys, newest first, everything the scope still holds. It works on a
// context of its own when ctx is done. All errors are joined.
func (s *Scope) Close(ctx context.Context) error { return errors.ErrUnsupported }

// Records returns all records of all owners that are not settled: intended, made,
// or kept for a while.
func (l *Ledger) Records() ([]Record, error) { return nil, errors.ErrUnsupported }

// Reap destroys what dead owners left, newest first within an owner. kinds gives
// the classes of a kind of builder in a place; nil means unknown, which is
// reported and left. alive tells whether an owner still lives; nil asks the
// owner's lock. each, when not nil, is told of every record dealt with.
func (l *Ledger) Reap(ctx context.Context, kinds func(kind string, w Where) []Class, alive func(owner string) bool, each func(Record, error)) error {
	return errors.ErrUnsupported
}
