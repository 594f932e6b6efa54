// Package catalog records what images exist and what was made from what.
package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// patience is how long SQLite waits for a lock. The driver ends the wait earlier
// when ctx ends.
const patience = 30 * time.Second

// ErrNotFound is returned when no image answers to a reference.
var ErrNotFound = errors.New("no such image")

// Catalog is the record of images, in one SQLite file. It is safe for concurrent
// use by goroutines and processes. Reading leaves the disk as it is; what does
// not get its turn within half a minute, because others write, is an error.
type Catalog struct {
	path string

	mu     sync.Mutex
	reader *sql.DB
	writer *sql.DB
}

// Open opens the catalog at path. The file is made by the first Add, not before:
// a catalog that is not there is empty.
func Open(path string) (*Catalog, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("open catalog: %s is not a regular file", path)
	}
	return &Catalog{path: path}, nil
}

// Close closes it. It may be called twice; nothing else may be called after it.
func (c *Catalog) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var failed []error
	for _, db := range []*sql.DB{c.reader, c.writer} {
		if db != nil {
			failed = append(failed, db.Close())
		}
	}
	c.reader, c.writer = nil, nil
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("close catalog: %w", err)
	}
	return nil
}

// read runs f on one consistent state of the catalog; not at all when the catalog
// is empty. f may run more than once.
func (c *Catalog) read(ctx context.Context, f func(tx *sql.Tx) error) error {
	db, err := c.reading()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	current := func(tx *sql.Tx) error {
		switch have, err := schemaVersion(tx); {
		case err != nil:
			return err
		case have == 0:
			return nil
		case have < len(migrations):
			return errOldSchema
		}
		return f(tx)
	}
	err = transact(ctx, db, current)
	// Besides an old schema there is what a writer leaves that died in the middle:
	// whoever opens the file for writing takes back what it had begun.
	if !errors.Is(err, errOldSchema) && code(err)&0xff != sqlite3.SQLITE_READONLY {
		return err
	}
	if _, err := c.writing(ctx); err != nil {
		return err
	}
	return transact(ctx, db, current)
}

// write runs f in a transaction that excludes other writers.
func (c *Catalog) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	db, err := c.writing(ctx)
	if err != nil {
		return err
	}
	return transact(ctx, db, f)
}

func transact(ctx context.Context, db *sql.DB, f func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}

// code returns SQLite's extended error code; 0 when err is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// reading opens the file for reading; fs.ErrNotExist when there is none.
func (c *Catalog) reading() (*sql.DB, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reader != nil {
		return c.reader, nil
	}
	if _, err := os.Stat(c.path); err != nil {
		return nil, err
	}
	db, err := c.open("mode=ro")
	if err != nil {
		return nil, err
	}
	c.reader = db
	return db, nil
}

// writing opens the file for writing and brings its schema up to date, making
// both where there are none.
func (c *Catalog) writing(ctx context.Context) (*sql.DB, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writer != nil {
		return c.writer, nil
	}
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return nil, err
	}
	// EXTRA: a version that was added stays added when the power fails; images are
	// given up by the ledger only because the catalog has them.
	db, err := c.open("mode=rwc&_txlock=immediate&_pragma=synchronous(extra)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := transact(ctx, db, migrate); err != nil {
		db.Close()
		return nil, err
	}
	c.writer = db
	return db, nil
}

func (c *Catalog) open(query string) (*sql.DB, error) {
	u := url.URL{Scheme: "file", OmitHost: true, Path: c.path,
		RawQuery: fmt.Sprintf("%s&_pragma=busy_timeout(%d)", query, patience.Milliseconds())}
	return sql.Open("sqlite", u.String())
}
