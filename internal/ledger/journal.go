package ledger

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const suffix = ".jsonl"

// Room that is set aside on disk, so that what is written about a record after
// its intent finds place on a disk that is full by then.
const (
	roomPerRecord = 1 << 10
	roomStep      = 32 << 10
)

// journal is the locked file of one owner.
type journal struct {
	f        *os.File
	size     int64
	reserved int64
}

// createJournal makes and locks the file of a new owner.
func createJournal(dir string) (*journal, string, error) {
	if err := mkdirSynced(dir); err != nil {
		return nil, "", err
	}
	for {
		owner := strings.ToLower(rand.Text()[:16])
		j, err := createOwned(filepath.Join(dir, owner+suffix))
		if errors.Is(err, errStolen) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if err := SyncDir(dir); err != nil {
			return nil, "", errors.Join(err, j.remove())
		}
		return j, owner, nil
	}
}

// errStolen: between the making of a file and its locking a reaper took it for
// one of a dead owner.
var errStolen = errors.New("ledger file was removed before it was locked")

func createOwned(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := lock(f, true); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), os.Remove(path), f.Close())
	}
	if !isAt(f, path) {
		return nil, errors.Join(errStolen, f.Close())
	}
	return &journal{f: f}, nil
}

// lockJournal locks the file of an owner; nil when the owner or another reaper
// has it, or when it is gone.
func lockJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ok, err := lock(f, false)
	if err != nil || !ok || !isAt(f, path) {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{f: f}, nil
}

// isAt tells whether path still names f.
func isAt(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(path)
	return err == nil && os.SameFile(a, b)
}

// append writes a line, and syncs it when it must outlive a crash of the kernel.
// open is the number of records about which more will have to be written.
func (j *journal) append(n line, durable bool, open int) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if n.State == Intended {
		if err := j.reserve(int64(len(text)) + int64(open)*roomPerRecord); err != nil {
			return err
		}
	}
	written, err := j.f.Write(text)
	j.size += int64(written)
	if err != nil || !durable {
		return err
	}
	return j.f.Sync()
}

// reserve makes sure that n more bytes can be written.
func (j *journal) reserve(n int64) error {
	if j.size+n <= j.reserved {
		return nil
	}
	want := (j.size + n + roomStep - 1) / roomStep * roomStep
	if err := allocate(j.f, want); err != nil {
		return &fs.PathError{Op: "reserve room in", Path: j.f.Name(), Err: err}
	}
	j.reserved = want
	return nil
}

// cut removes the remains of a line that was not written completely.
func (j *journal) cut(whole int) error {
	j.size = int64(whole)
	return j.f.Truncate(j.size)
}

// remove deletes the file while it is still locked.
func (j *journal) remove() error {
	err := os.Remove(j.f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, j.close())
}

func (j *journal) close() error { return errors.Join(unlock(j.f), j.f.Close()) }

// mkdirSynced makes a directory that is there after a crash.
func mkdirSynced(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := mkdirSynced(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(parent)
}
