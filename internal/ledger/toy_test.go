package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// toys are resources that are files of one directory: "<class>-<tag>".
type toys struct {
	dir string

	mu        sync.Mutex
	destroyed []string
	broken    map[string]bool // ids whose Destroy fails
}

func newToys(t *testing.T) *toys { return &toys{dir: t.TempDir(), broken: map[string]bool{}} }

func (y *toys) class(name string) ledger.Class {
	return ledger.Class{
		Name: name,
		Find: func(_ context.Context, tag string) ([]string, error) {
			found, err := filepath.Glob(filepath.Join(y.dir, name+"-"+tag+"*"))
			for i := range found {
				found[i] = filepath.Base(found[i])
			}
			return found, err
		},
		Destroy: func(_ context.Context, id string) error {
			y.mu.Lock()
			defer y.mu.Unlock()
			if y.broken[id] {
				return errors.New("it is stuck")
			}
			y.destroyed = append(y.destroyed, id)
			err := os.Remove(filepath.Join(y.dir, id))
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		},
	}
}

func (y *toys) create(class string) func(context.Context, string) (string, error) {
	return func(_ context.Context, tag string) (string, error) {
		id := class + "-" + tag
		return id, os.WriteFile(filepath.Join(y.dir, id), nil, 0o600)
	}
}

// kinds knows the kind "toy" with the given classes.
func (y *toys) kinds(classes ...string) func(string, ledger.Where) []ledger.Class {
	return func(kind string, _ ledger.Where) []ledger.Class {
		if kind != "toy" {
			return nil
		}
		var all []ledger.Class
		for _, c := range classes {
			all = append(all, y.class(c))
		}
		return all
	}
}

// left lists the classes of the toys that are still there.
func (y *toys) left(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(y.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		class, _, _ := strings.Cut(e.Name(), "-")
		names = append(names, class)
	}
	slices.Sort(names)
	return names
}

// make makes one toy of each class.
func (y *toys) make(t *testing.T, s *ledger.Scope, classes ...string) []string {
	t.Helper()
	var ids []string
	for _, c := range classes {
		id, err := s.Create(t.Context(), y.class(c), y.create(c))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func open(t *testing.T, dir string, opts ...ledger.Option) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// abandon makes toys in a scope of a ledger that is closed without closing the
// scope: as if the process had ended.
func (y *toys) abandon(t *testing.T, dir string, classes ...string) []string {
	t.Helper()
	l := open(t, dir)
	ids := y.make(t, l.Scope("run", "toy", nil), classes...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
