package output

import (
	"errors"
	"slices"
)

// Changing runs a step that may change files that were made: what it does to the
// content of one that was still as it had been made counts as made, too. A step that
// puts another file in the place of one makes it somebody else's.
func (f *Files) Changing(step func() error) error {
	f.mu.Lock()
	held := slices.Clone(f.made)
	f.mu.Unlock()
	held = slices.DeleteFunc(held, func(m made) bool { return m.dir || m.shared || !m.intact() })
	errs := []error{step()}
	for _, m := range held {
		errs = append(errs, f.amend(m))
	}
	return errors.Join(errs...)
}

// intact tells whether a thing is as it was made. What cannot be told is not.
func (m made) intact() bool {
	now, _, err := undoing{identity: mustParse(m.id), tree: true}.judge()
	return err == nil && now == ours
}

// amend writes down what something is now that it was changed.
func (f *Files) amend(m made) error {
	if m.intact() {
		return nil
	}
	old := mustParse(m.id)
	if now, err := old.at(m.path); err != nil || now == absent || now == other {
		return err
	}
	id, err := identify(m.path, old.tag, m.path)
	if err != nil {
		return err
	}
	if err := f.Scope.Amend(m.id, id); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.IndexFunc(f.made, func(o made) bool { return o.id == m.id }); i >= 0 {
		f.made[i].id = id
	}
	return nil
}
