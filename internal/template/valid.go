package template

import (
	"errors"
	"slices"
)

// ErrOnlyValid is in the chain of Set.Open's error for a block that is valid but
// that this version cannot run.
var ErrOnlyValid = errors.New("valid; this version cannot run it")

// Valid makes a kind whose blocks this version checks in full but cannot run: its
// configuration is the one of the day when it can, Set.Check says all that is wrong,
// and Set.Open of a block without mistakes fails with ErrOnlyValid. check validates
// what tags cannot say, as Define's open does.
func Valid[T, C any](name, summary string, check func(C) error) Kind[T] {
	k := Define(name, summary, func(c C) (t T, err error) { return t, check(c) })
	k.onlyValid = true
	return k
}

// Partial is optional on what a kind opens, when this version can run some of its
// configurations and only check others: Set.Open of a block for which Runs is false
// fails with ErrOnlyValid.
type Partial interface {
	Runs() bool
}

// Works tells whether this version can run blocks of the kind, not only check them.
func (k Kind[T]) Works() bool { return !k.onlyValid }

// Works tells whether this version can run blocks of the named kind.
func (s Set[T]) Works(name string) bool {
	return slices.ContainsFunc(s.kinds, func(k Kind[T]) bool { return k.Name == name && k.Works() })
}
