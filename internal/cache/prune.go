package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// PrunePlan says what to prune. Whatever else it says, layers go that no lookup
// can find: retired ones, those over the age limit, and those that have lost
// their parent.
type PrunePlan struct {
	// Implicit spares layers over the age limit that others may have made to last: those
	// within the default limit or the one that they were made under, and those that were
	// used when they were over the default one. For whoever was not asked to prune.
	Implicit bool

	All    bool
	Build  string        // only layers of this build
	Unused time.Duration // also what was not used for this long, nor what stands on it
	Budget int64         // bytes: also least recently used leaves, until all layers together fit
	Spare  time.Duration // Budget does not take what was used within this time
	DryRun bool          // write nothing, tell what would go
}

// Prune removes leaves only, one after the other, never what is held, leased
// or kept.
// For each, the entry is taken out of use, then discard removes the layer, then
// the entry goes: a prune that was killed is finished by the next one, and
// nobody ever finds half a layer. discard returns nil for a layer that is gone
// already. When it fails, the layer stays retired, what it stands on stays, the
// rest is pruned, and the error is returned with what was pruned. One prune runs
// at a time; others wait.
func (s *Store) Prune(ctx context.Context, p PrunePlan, discard func(ctx context.Context, e Entry) error) (pruned []Entry, err error) {
	if _, err := os.Stat(filepath.Join(s.dir, "entries")); errors.Is(err, fs.ErrNotExist) {
		if p.DryRun {
			return nil, nil
		}
		return nil, s.SweepLeases() // of builds that died before their first layer
	}
	if p.DryRun {
		return s.pruneDry(p)
	}
	turn := &lock{path: filepath.Join(s.dir, "prune.lock"), how: unix.LOCK_EX}
	if err := turn.wait(ctx, nil); err != nil {
		return nil, fmt.Errorf("prune layers: %w", err)
	}
	defer turn.close()

	if err := s.change(s.sweep); err != nil {
		return nil, fmt.Errorf("prune layers: %w", err)
	}
	ix := &index{s: s}
	leave := map[recordName]bool{}
	var failed []error
	for {
		if ctx.Err() != nil {
			failed = append(failed, context.Cause(ctx))
			break
		}
		victim, err := s.takeVictim(ix, p, leave)
		if err != nil {
			failed = append(failed, err)
			break
		}
		if victim == nil {
			break
		}
		if err := s.discard(ctx, ix, victim, discard); err != nil {
			failed = append(failed, fmt.Errorf("discard layer %s (%s): %w", victim.Key, victim.Ref, err))
			leave[victim.name] = true
			continue
		}
		pruned = append(pruned, victim.Entry)
	}
	if len(failed) > 0 {
		return pruned, fmt.Errorf("prune layers: %w", errors.Join(failed...))
	}
	return pruned, nil
}

// takeVictim chooses the next entry and takes it out of use; nil when none is left.
func (s *Store) takeVictim(ix *index, p PrunePlan, leave map[recordName]bool) (victim *node, err error) {
	err = s.change(func() error {
		// Others may have changed anything since the last victim.
		if err := ix.refresh(); err != nil {
			return err
		}
		for {
			n := s.choose(ix, p, leave)
			if n == nil {
				return nil
			}
			release, ok, err := s.claim(n.name.digits)
			if err != nil {
				return err
			}
			if !ok {
				leave[n.name] = true
				continue
			}
			defer release()
			victim = n
			if p := ix.parent(n); p != nil {
				s.used(p, n.Used)
			}
			if n.Retired {
				return nil
			}
			ix.remove(n)
			if err := s.retireOne(n); err != nil {
				return err
			}
			return syncDir(filepath.Join(s.dir, "entries"))
		}
	})
	return victim, err
}

func (s *Store) discard(ctx context.Context, ix *index, n *node, discard func(ctx context.Context, e Entry) error) error {
	// A builder may have given a new layer the name of the retired one.
	for _, other := range ix.nodes {
		if other.name != n.name && other.Kind == n.Kind && other.Ref == n.Ref {
			return s.forget(n.name)
		}
	}
	if err := discard(ctx, n.Entry); err != nil {
		return err
	}
	return s.forget(n.name)
}

// choose returns the next leaf to go: first what no lookup can find, then the
// least recently used.
func (s *Store) choose(ix *index, p PrunePlan, leave map[recordName]bool) *node {
	last := ix.lastUse()
	parents := map[recordName]bool{}
	orphan := map[recordName]bool{}
	var total int64
	for _, n := range ix.nodes {
		total += n.Size
		if parent := ix.parent(n); parent != nil {
			parents[parent.name] = true
		} else if n.Parent != "" {
			orphan[n.name] = true
		}
	}
	var best *node
	bestDead := false
	for _, n := range ix.sorted() {
		if parents[n.name] || leave[n.name] || p.Build != "" && n.Build != p.Build {
			continue
		}
		dead := n.Retired || orphan[n.name] || s.Stale(n.Since) && (!p.Implicit || s.outlived(n.Entry, last[n.name]))
		wanted := p.All ||
			p.Unused > 0 && s.o.Now().Sub(last[n.name]) >= p.Unused ||
			p.Budget > 0 && total > p.Budget && s.o.Now().Sub(last[n.name]) >= p.Spare
		if !dead && !wanted {
			continue
		}
		if best == nil || dead && !bestDead || dead == bestDead && last[n.name].Before(last[best.name]) {
			best, bestDead = n, dead
		}
	}
	return best
}

// outlived tells whether an entry is over every limit that it is known to have been made
// or used under; last is when it, or what stands on it, was used.
func (s *Store) outlived(e Entry, last time.Time) bool {
	limit := defaultMaxAge
	if longer(e.MaxAge, limit) {
		limit = e.MaxAge
	}
	usedOver := last.Sub(e.Since) >= defaultMaxAge // so under a longer limit
	return limit >= 0 && !usedOver && s.o.Now().Sub(e.Since) >= limit
}

// longer compares age limits; a negative one is none.
func longer(a, b time.Duration) bool { return b >= 0 && (a < 0 || a > b) }

// pruneDry tells what Prune would remove, and changes nothing.
func (s *Store) pruneDry(p PrunePlan) (pruned []Entry, err error) {
	ix, err := s.index()
	if err != nil {
		return nil, fmt.Errorf("plan pruning of layers: %w", err)
	}
	leave := map[recordName]bool{}
	for {
		n := s.choose(ix, p, leave)
		if n == nil {
			return pruned, nil
		}
		held, err := locked(filepath.Join(s.dir, "holds", n.name.digits), unix.LOCK_EX)
		if err == nil && !held {
			held, err = locked(filepath.Join(s.dir, "leases", n.name.digits), unix.LOCK_SH)
		}
		if err == nil && !held {
			held, err = s.kept(n.name.digits)
		}
		if err != nil {
			return nil, fmt.Errorf("plan pruning of layers: %w", err)
		}
		if held {
			leave[n.name] = true
			continue
		}
		if parent := ix.parent(n); parent != nil && n.Used.After(parent.Used) {
			parent.Used = n.Used
		}
		ix.remove(n)
		pruned = append(pruned, n.Entry)
	}
}

// sweep removes what killed processes left half-written, and records that cannot
// be made sense of. It is called within change, so nothing in tmp/ is in use.
func (s *Store) sweep() error {
	tmp := filepath.Join(s.dir, "tmp")
	files, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Remove(filepath.Join(tmp, f.Name())); err != nil {
			return err
		}
	}
	if err := s.SweepLeases(); err != nil {
		return err
	}
	ix, err := s.index()
	if err != nil {
		return err
	}
	for name, damage := range ix.corrupt {
		s.o.Warn("removing a cached layer's entry: %v", damage)
		if err := s.forget(name); err != nil {
			return err
		}
	}
	return nil
}

// SweepLeases removes the files of leases whose holders died, and writes nothing
// when there are none.
func (s *Store) SweepLeases() error {
	files, err := os.ReadDir(filepath.Join(s.dir, "leases"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range files {
		l := &lock{path: filepath.Join(s.dir, "leases", f.Name()), how: unix.LOCK_EX}
		free, err := l.try()
		if err != nil {
			return err
		}
		if free {
			l.remove()
		} else {
			l.close()
		}
	}
	return nil
}
