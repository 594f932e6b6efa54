package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Records returns all records of all owners, living ones included, that are not
// settled: intended, made, or kept for a while. What can be read is returned
// together with the error about what cannot.
func (l *Ledger) Records() ([]Record, error) {
	owners, err := l.owners()
	errs := []error{err}
	var unsettled []Record
	for _, owner := range owners {
		text, err := os.ReadFile(l.path(owner))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		records, _, perr := parse(owner, text)
		errs = append(errs, l.broken(owner, errors.Join(err, perr)))
		unsettled = append(unsettled, slices.DeleteFunc(records, Record.settled)...)
	}
	return unsettled, errors.Join(errs...)
}

// Alive tells whether an owner's lock is held: by the owner itself, or by who is
// reaping what it left.
func (l *Ledger) Alive(owner string) bool {
	l.mu.Lock()
	own := owner == l.owner && l.file != nil && !l.closed
	l.mu.Unlock()
	if own {
		return true
	}
	f, err := os.Open(l.path(owner))
	if err != nil {
		return false
	}
	defer f.Close()
	free, err := lock(f, false)
	if free {
		unlock(f)
	}
	return err == nil && !free
}

// Reap destroys what dead owners left, newest first within an owner. kinds gives
// the classes of a kind of builder in a place; nil means unknown, which is
// reported and left. alive tells whether an owner still lives; nil asks the
// owner's lock, and an owner whose lock is held is never touched, whatever alive
// says. each, when not nil, is told of every record dealt with.
//
// What is kept for a while is left until it expires. One record that cannot be
// dealt with does not stop the others; all errors are joined, and the next Reap
// tries again. Reaping may be interrupted at any point, and several processes may
// reap at the same time.
func (l *Ledger) Reap(ctx context.Context, kinds func(kind string, w Where) []Class, alive func(owner string) bool, each func(Record, error)) error {
	return l.reap(ctx, reaper{ledger: l, kinds: kinds, each: each}, alive)
}

// ReapKept is Reap that does not leave what is kept for a while.
func (l *Ledger) ReapKept(ctx context.Context, kinds func(kind string, w Where) []Class, alive func(owner string) bool, each func(Record, error)) error {
	return l.reap(ctx, reaper{ledger: l, kinds: kinds, each: each, kept: true}, alive)
}

func (l *Ledger) reap(ctx context.Context, r reaper, alive func(owner string) bool) error {
	owners, err := l.owners()
	errs := []error{err}
	for _, owner := range owners {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		if alive != nil && alive(owner) {
			continue
		}
		r := r // each owner has its file
		errs = append(errs, l.broken(owner, r.owner(ctx, owner)))
	}
	return errors.Join(errs...)
}

// reaper works on the records of one dead owner, whose lock it holds.
type reaper struct {
	ledger *Ledger
	kinds  func(kind string, w Where) []Class
	each   func(Record, error)
	kept   bool      // what is kept for a while goes too
	since  time.Time // the owner was dead by then
	file   *journal
	failed bool // a line could not be written
	stuck  bool // a newer record could not be dealt with
}

func (r *reaper) owner(ctx context.Context, owner string) (err error) {
	file, err := lockJournal(r.ledger.path(owner))
	if err != nil || file == nil {
		return err
	}
	r.file, r.since = file, time.Now()
	text, err := io.ReadAll(file.f)
	if err != nil {
		return errors.Join(err, file.close())
	}
	records, whole, perr := parse(owner, text)
	if perr != nil {
		perr = fmt.Errorf("%w (what other lines say is dealt with; look at these, then remove the file)", perr)
	}
	if err := file.cut(whole); err != nil {
		r.failed = true
	}
	errs := []error{perr}
	left := perr != nil
	for _, rec := range slices.Backward(records) {
		if rec.settled() {
			continue
		}
		if rec.State == Kept && !r.kept && time.Now().Before(rec.Expires) || ctx.Err() != nil {
			left = true
			continue
		}
		over, err := r.record(ctx, rec)
		if over {
			rec.State = Released
		}
		left = left || !over
		r.stuck = r.stuck || !over
		errs = append(errs, err)
		if r.each != nil {
			r.each(rec, err)
		}
	}
	errs = append(errs, ctx.Err())
	if left {
		return errors.Join(append(errs, file.close())...)
	}
	r.ledger.at("before-remove", "ledger", "")
	errs = append(errs, file.remove())
	r.ledger.at("after-remove", "ledger", "")
	return errors.Join(errs...)
}

// record destroys what one record names. over tells that nothing is left to do, even
// where err says what was given up.
func (r *reaper) record(ctx context.Context, rec Record) (over bool, err error) {
	c, err := r.class(rec)
	if err != nil {
		return false, err
	}
	if c.Last && r.stuck {
		return false, fmt.Errorf("leave %s %q: what was made after it is there still", c.Name, cmp.Or(rec.ID, rec.Tag))
	}
	rebooted := rec.Boot != "" && r.ledger.boot != "" && rec.Boot != r.ledger.boot
	if !c.Volatile || !rebooted {
		r.ledger.at("before-destroy", c.Name, rec.Tag)
		one, cancel := context.WithTimeout(ctx, cleanupLimit+c.Settle)
		defer cancel()
		given, failed := destroy(one, c, rec.Tag, rec.ID, r.since.Add(c.Settle))
		if failed != nil {
			return false, fmt.Errorf("destroy %s %q: %w", c.Name, cmp.Or(rec.ID, rec.Tag), errors.Join(failed, given))
		}
		err = given
		r.ledger.at("after-destroy", c.Name, rec.Tag)
	}
	if !r.failed {
		// As in Scope.release, a lost line does no harm.
		r.failed = r.file.append(line{Seq: rec.Seq, State: Released}, false, 0) != nil
	}
	r.ledger.at("after-release", c.Name, rec.Tag)
	return true, err
}

func (r *reaper) class(rec Record) (Class, error) {
	var classes []Class
	if r.kinds != nil {
		classes = r.kinds(rec.Kind, rec.Where)
	}
	if classes == nil {
		return Class{}, fmt.Errorf("leave %s %q: builder kind %q is not known here", rec.Class, cmp.Or(rec.ID, rec.Tag), rec.Kind)
	}
	for _, c := range classes {
		if c.Name == rec.Class {
			return c, nil
		}
	}
	return Class{}, fmt.Errorf("leave %s %q: builder kind %q has no such class of resources", rec.Class, cmp.Or(rec.ID, rec.Tag), rec.Kind)
}

// owners lists who has a file, the one written last first.
func (l *Ledger) owners() ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	type owner struct {
		name    string
		written time.Time
	}
	var found []owner
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		fi, err := e.Info()
		if ok && err == nil && fi.Mode().IsRegular() {
			found = append(found, owner{name, fi.ModTime()})
		}
	}
	slices.SortFunc(found, func(a, b owner) int {
		return cmp.Or(b.written.Compare(a.written), cmp.Compare(a.name, b.name))
	})
	names := make([]string, len(found))
	for i, o := range found {
		names[i] = o.name
	}
	return names, nil
}

func (l *Ledger) path(owner string) string { return filepath.Join(l.dir, owner+suffix) }

// broken says which file an error is about.
func (l *Ledger) broken(owner string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("ledger %s: %w", l.path(owner), err)
}
