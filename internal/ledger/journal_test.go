package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A file that another process has removed, or put another in the place of, is
// not the owner's any more, although its lock can be taken.
func TestLockOfAFileThatIsGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	j, err := createOwned(path)
	if err != nil {
		t.Fatal(err)
	}
	if !isAt(j.f, path) {
		t.Error("a file is not where it was made")
	}
	if other, err := lockJournal(path); other != nil || err != nil {
		t.Errorf("locked twice: %v, %v", other, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if isAt(j.f, path) {
		t.Error("a removed file is still there")
	}
	if other, err := lockJournal(path); other != nil || err != nil {
		t.Errorf("locked a file that is not there: %v, %v", other, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if isAt(j.f, path) {
		t.Error("another file is taken for it")
	}
	if err := errors.Join(os.Remove(path), j.remove()); err != nil {
		t.Error(err)
	}
}
