package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Scope is the part of the ledger that one builder writes during one run. It is
// safe for concurrent use.
type Scope struct {
	ledger *Ledger
	run    string
	kind   string
	where  Where

	mu      sync.Mutex
	closed  bool
	entries []*entry // in the order of their intents
}

// entry is one resource of a scope.
type entry struct {
	busy  sync.Mutex // held while something is done to the resource
	class Class
	seq   int
	tag   string

	// Guarded by Scope.mu, and changed only by the holder of busy.
	id     string
	state  State
	gone   time.Time // Kept: when it expires; zero: never
	settle time.Time // Intended: until when it may still turn up
}

// Create writes the intent, calls create with a unique tag that the resource must
// carry, and writes the id. The tag has 12 lower case letters and digits, a
// letter first. The id differs from all others that the scope holds.
//
// When create fails, the resource is looked for and destroyed (a half-made one
// too, and one whose id create returned together with the error) before Create
// returns. Where listings lag, what is not found at once is looked for again by
// Close. When the ledger cannot be written, nothing is created, or what was
// created is destroyed again.
func (s *Scope) Create(ctx context.Context, c Class, create func(ctx context.Context, tag string) (id string, err error)) (string, error) {
	return s.CreateIn(ctx, s.where, c, create)
}

// CreateIn is Create for a resource that lies elsewhere than the scope's others.
func (s *Scope) CreateIn(ctx context.Context, where Where, c Class, create func(ctx context.Context, tag string) (id string, err error)) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	e, err := s.intend(c, where)
	if err != nil {
		return "", err
	}
	defer e.busy.Unlock()
	s.ledger.at("after-intent", c.Name, e.tag)
	id, err := create(ctx, e.tag)
	s.ledger.at("after-create", c.Name, e.tag)
	if err == nil {
		err = s.made(e, id)
	}
	if err == nil {
		s.ledger.at("after-id", c.Name, e.tag)
		return id, nil
	}
	undo := cleanup(ctx, func(ctx context.Context) error { return s.undo(ctx, e, id) })
	if undo != nil {
		undo = fmt.Errorf("destroy the half-made %s: %w", c.Name, undo)
	}
	return "", errors.Join(err, undo)
}

// intend writes an intent and returns its entry, busy.
func (s *Scope) intend(c Class, where Where) (*entry, error) {
	if c.Name == "" || c.Find == nil || c.Destroy == nil {
		return nil, fmt.Errorf("create %q: the class is not complete", c.Name)
	}
	s.ledger.at("before-intent", c.Name, "")
	e := &entry{class: c, tag: newTag(), state: Intended}
	e.busy.Lock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	var err error
	if e.seq, err = s.ledger.begin(); err != nil {
		return nil, err
	}
	err = s.ledger.append(line{Seq: e.seq, State: Intended, Intent: &intent{
		Run: s.run, Kind: s.kind, Class: c.Name, Where: where, Tag: e.tag,
		Created: time.Now().UTC(), Boot: s.ledger.boot,
	}}, !c.Volatile)
	if err != nil {
		return nil, err
	}
	s.entries = append(s.entries, e)
	return e, nil
}

// made writes the id.
func (s *Scope) made(e *entry, id string) error {
	if id == "" {
		return fmt.Errorf("create %s: no id was returned", e.class.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.entries {
		if o.id == id && (o.state == Made || o.state == Kept) {
			return fmt.Errorf("create %s: id %q is held already, by a %s", e.class.Name, id, o.class.Name)
		}
	}
	if err := s.ledger.append(line{Seq: e.seq, State: Made, ID: id}, !e.class.Volatile); err != nil {
		return err
	}
	e.id, e.state = id, Made
	return nil
}

// undo destroys what a failed create left. id may be empty.
func (s *Scope) undo(ctx context.Context, e *entry, id string) error {
	ids, err := e.class.Find(ctx, e.tag)
	if err != nil {
		err = fmt.Errorf("find it: %w", err)
	}
	if id != "" && !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	given, failed := destroyAll(ctx, e.class, ids)
	if err = errors.Join(err, failed); err != nil {
		return errors.Join(err, given)
	}
	if len(ids) == 0 && e.class.Settle > 0 {
		s.mu.Lock()
		e.settle = time.Now().Add(e.class.Settle)
		s.mu.Unlock()
		return nil
	}
	s.release(e)
	return given
}

// release records that a resource is gone. The line need not reach the disk: a
// reaper that does not see it destroys once more what is not there.
func (s *Scope) release(e *entry) {
	s.mu.Lock()
	e.state = Released
	s.mu.Unlock()
	_ = s.ledger.append(line{Seq: e.seq, State: Released}, false)
	s.ledger.at("after-release", e.class.Name, e.tag)
}

// Destroy destroys a resource that this scope made, and records it. Destroying
// what is destroyed already is no error; destroying what was kept for good, or
// never made here, is one. When it fails the scope still holds the resource.
// It works on a context of its own when ctx is done.
func (s *Scope) Destroy(ctx context.Context, id string) error {
	e, err := s.hold(id)
	if err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	defer e.busy.Unlock()
	state, gone := s.stateOf(e)
	switch {
	case state == Released:
		return nil
	case state == Kept && gone.IsZero():
		return fmt.Errorf("destroy %s %q: it was given away", e.class.Name, id)
	}
	return s.destroy(ctx, e)
}

// destroy destroys a resource whatever its state. The caller holds e.busy.
func (s *Scope) destroy(ctx context.Context, e *entry) error {
	s.ledger.at("before-destroy", e.class.Name, e.tag)
	var given error
	err := cleanup(ctx, func(ctx context.Context) (err error) {
		given, err = destroy(ctx, e.class, e.tag, e.id, e.settle)
		return err
	})
	if err != nil {
		return fmt.Errorf("destroy %s %q: %w", e.class.Name, cmp.Or(e.id, e.tag), errors.Join(err, given))
	}
	s.ledger.at("after-destroy", e.class.Name, e.tag)
	s.release(e)
	return given
}

// Keep records that the resource belongs to someone else from now on. Keeping
// what is kept already is no error.
func (s *Scope) Keep(id string) error {
	e, err := s.hold(id)
	if err != nil {
		return fmt.Errorf("keep: %w", err)
	}
	defer e.busy.Unlock()
	state, gone := s.stateOf(e)
	switch {
	case state == Released:
		return fmt.Errorf("keep %s %q: it is destroyed", e.class.Name, id)
	case state == Kept && gone.IsZero():
		return nil
	}
	return s.keep(e, time.Time{})
}

// Amend gives a resource that the scope holds another id, which says more of it.
func (s *Scope) Amend(id, now string) error {
	e, err := s.hold(id)
	if err != nil {
		return fmt.Errorf("amend: %w", err)
	}
	defer e.busy.Unlock()
	if state, _ := s.stateOf(e); state != Made {
		return fmt.Errorf("amend %s %q: it is %s", e.class.Name, id, state)
	}
	return s.made(e, now)
}

// Holds tells whether the scope made this and has neither destroyed it nor given it
// away for good.
func (s *Scope) Holds(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.entries, func(e *entry) bool {
		return id != "" && e.id == id && (e.state == Made || e.state == Kept && !e.gone.IsZero())
	})
}

// KeepUntil gives everything the scope still holds an expiry: it outlives the
// process and Close, and the reaper leaves it until then. A later call moves the
// expiry.
func (s *Scope) KeepUntil(t time.Time) error {
	if t.IsZero() {
		return errors.New("keep for a while: no time was given")
	}
	var errs []error
	for _, e := range s.snapshot() {
		e.busy.Lock()
		state, gone := s.stateOf(e)
		if state == Made || state == Kept && !gone.IsZero() {
			errs = append(errs, s.keep(e, t.UTC()))
		}
		e.busy.Unlock()
	}
	return errors.Join(errs...)
}

func (s *Scope) keep(e *entry, until time.Time) error {
	s.ledger.at("before-keep", e.class.Name, e.tag)
	if err := s.ledger.append(line{Seq: e.seq, State: Kept, Expires: until}, !e.class.Volatile); err != nil {
		return fmt.Errorf("keep %s %q: %w", e.class.Name, e.id, err)
	}
	s.mu.Lock()
	e.state, e.gone = Kept, until
	s.mu.Unlock()
	s.ledger.at("after-keep", e.class.Name, e.tag)
	return nil
}

// Close destroys, newest first, everything the scope still holds. It waits for
// calls of Create that have not returned yet; later ones return ErrClosed. It
// works on a context of its own when ctx is done. All errors are joined; calling
// Close again tries again what could not be destroyed.
func (s *Scope) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	var errs []error
	stuck := false
	for _, e := range slices.Backward(s.snapshot()) {
		e.busy.Lock()
		if state, _ := s.stateOf(e); (state == Intended || state == Made) && !(e.class.Last && stuck) {
			errs = append(errs, s.destroy(ctx, e))
			state, _ = s.stateOf(e)
			stuck = stuck || state != Released
		}
		e.busy.Unlock()
	}
	return errors.Join(errs...)
}

// hold returns the newest entry with an id, busy.
func (s *Scope) hold(id string) (*entry, error) {
	for _, e := range slices.Backward(s.snapshot()) {
		s.mu.Lock()
		match := id != "" && e.id == id
		s.mu.Unlock()
		if match {
			e.busy.Lock()
			return e, nil
		}
	}
	return nil, fmt.Errorf("%q was not made here", id)
}

func (s *Scope) snapshot() []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

func (s *Scope) stateOf(e *entry) (State, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return e.state, e.gone
}
