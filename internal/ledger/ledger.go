// Package ledger records every external resource before it is made, so that a
// later process can find and destroy what a killed one left behind.
//
// The order is fixed: intent, resource, id, …, keep. It is written down (and
// synced to disk) that a resource is about to be made; it is made; its id is
// written down. Destroying goes the other way. A reaper reads what dead owners
// left, newest first.
//
// Each owner (process) has one file of JSON lines, which only grows, and holds
// its lock as long as it lives; the kernel gives the lock up when the process
// dies, however it dies. What a line says holds until a later line of the same
// record says otherwise.
//
// A lost line does no harm beyond work done twice: without the id the resource
// is found by its tag, and without the release it is destroyed again, which is
// no error. Therefore a full disk stops the making of things, never their
// destruction.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Ledger is the set of records under one directory; one file per owner (process).
// It is safe for concurrent use.
type Ledger struct {
	dir     string
	boot    string
	observe func(Point)

	mu     sync.Mutex
	file   *journal // nil before the first Create
	owner  string
	closed bool
	failed error // first failed write; nothing is written after it
	seq    int
	open   int // records that a reaper would have to look at
	point  int
}

// Option changes how a ledger is opened.
type Option func(*Ledger)

// Point is a moment at which a process may die and leave something behind.
type Point struct {
	N    int    // counts from 1 within the process
	Name string // e.g. "before-intent mount", "after-create mount", "after-id mount", "before-destroy mount"
	Tag  string // that the resource carries; empty before its intent, and where the ledger itself is meant
}

// WithObserver calls f at every Point, synchronously. Tests kill the process
// there. f may be called from several goroutines.
func WithObserver(f func(Point)) Option { return func(l *Ledger) { l.observe = f } }

// ErrClosed is returned by what would have to write to a closed ledger or make
// something in a closed scope.
var ErrClosed = errors.New("ledger is closed")

// Open opens the ledger in dir. Nothing is written before the first Create.
func Open(dir string, opts ...Option) (*Ledger, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if fi, err := os.Stat(abs); err == nil && !fi.IsDir() {
		return nil, fmt.Errorf("open ledger: %s is not a directory", abs)
	}
	l := &Ledger{dir: abs, boot: BootID()}
	for _, o := range opts {
		o(l)
	}
	return l, nil
}

// Scope begins a scope. where may be nil; it must not hold secrets.
func (l *Ledger) Scope(run, kind string, where Where) *Scope {
	return &Scope{ledger: l, run: run, kind: kind, where: where}
}

// Close gives up the owner's lock. The owner's file is removed when it holds
// nothing that a reaper would still have to look at. Calling it again is no
// error. Scopes are closed before it: what they still hold is left to a reaper.
func (l *Ledger) Close() error {
	l.mu.Lock()
	file, open := l.file, l.open
	already := l.closed
	l.closed = true
	l.mu.Unlock()
	if already || file == nil {
		return nil
	}
	if open > 0 {
		return file.close()
	}
	l.at("before-remove", "ledger", "")
	err := file.remove()
	l.at("after-remove", "ledger", "")
	return err
}

// at tells the observer that the process may die here.
func (l *Ledger) at(name, class, tag string) {
	l.mu.Lock()
	l.point++
	p := Point{N: l.point, Name: name + " " + class, Tag: tag}
	l.mu.Unlock()
	if l.observe != nil {
		l.observe(p)
	}
}

// append writes one line for a record.
func (l *Ledger) append(n line, durable bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	// What is over is over, whether the line reaches the disk or not: when all is
	// over the whole file goes, and that works on a full disk too.
	if n.State == Released {
		l.open--
	}
	if l.failed != nil {
		return l.refusal()
	}
	if err := l.file.append(n, durable, l.open+1); err != nil {
		l.failed = err
		return fmt.Errorf("write ledger: %w", err)
	}
	switch {
	case n.State == Intended:
		l.open++
	case n.State == Kept && n.Expires.IsZero():
		l.open--
	}
	return nil
}

func (l *Ledger) refusal() error {
	return fmt.Errorf("write ledger: refused after an earlier failure: %w", l.failed)
}

// begin gives the next sequence number, and makes the owner's file for the first.
func (l *Ledger) begin() (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return 0, ErrClosed
	case l.failed != nil:
		return 0, l.refusal()
	case l.file == nil:
		f, owner, err := createJournal(l.dir)
		if err != nil {
			return 0, fmt.Errorf("write ledger: %w", err)
		}
		l.file, l.owner = f, owner
	}
	l.seq++
	return l.seq, nil
}

// cleanup runs f, which destroys something. When ctx is done, or ends while f
// runs, f gets a context of its own: being cancelled is no reason to leave
// things behind.
func cleanup(ctx context.Context, f func(context.Context) error) error {
	if ctx.Err() == nil {
		if err := f(ctx); err == nil || ctx.Err() == nil {
			return err
		}
	}
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	return f(own)
}

// cleanupLimit bounds the destruction of one resource after a cancellation.
const cleanupLimit = 5 * time.Minute
