package catalog

import (
	"database/sql"
	"errors"
	"fmt"
)

// migrations make the schema, one version after the other. A published one is
// never changed: add another.
var migrations = []string{`
CREATE TABLE name (
	name TEXT PRIMARY KEY,
	last INTEGER NOT NULL -- the highest version ever given; numbers are not used again
) STRICT;
CREATE TABLE version (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	name           TEXT NOT NULL,
	version        INTEGER NOT NULL,
	key            TEXT NOT NULL,
	proof_key      TEXT NOT NULL,
	status         TEXT NOT NULL,
	created        INTEGER NOT NULL, -- nanoseconds since 1970
	digest         TEXT NOT NULL,    -- of the image
	parent_name    TEXT,
	parent_version INTEGER,
	image          TEXT NOT NULL,    -- JSON
	origin         TEXT NOT NULL,    -- JSON: what it was made from, and how
	checks         TEXT NOT NULL,    -- JSON
	content        TEXT NOT NULL,    -- JSON
	log            TEXT NOT NULL,
	report         TEXT NOT NULL,
	UNIQUE (name, version)
) STRICT;
CREATE INDEX version_key ON version (name, key);
CREATE INDEX version_digest ON version (digest);
CREATE INDEX version_parent ON version (parent_name, parent_version);
`}

// migrate brings the schema up to date within one transaction.
func migrate(tx *sql.Tx) error {
	have, err := schemaVersion(tx)
	if err != nil {
		return err
	}
	for have < len(migrations) {
		if _, err := tx.Exec(migrations[have]); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", have+1, err)
		}
		have++
		if _, err := tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, have)); err != nil {
			return err
		}
	}
	return nil
}

// errOldSchema asks for a migration.
var errOldSchema = errors.New("the catalog has an older schema")

// schemaVersion is 0 for a file that nobody has written to yet. A file that is not
// for this program to read is an error.
func schemaVersion(tx *sql.Tx) (int, error) {
	var have, tables int
	if err := tx.QueryRow(`PRAGMA user_version`).Scan(&have); err != nil {
		return 0, err
	}
	if have > len(migrations) {
		return 0, fmt.Errorf("the catalog has schema %d, written by a newer version of Proofmark; this one knows up to %d", have, len(migrations))
	}
	if have > 0 {
		return have, nil
	}
	if err := tx.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		return 0, err
	}
	if tables > 0 {
		return 0, errors.New("the file is a database, but not a catalog")
	}
	return 0, nil
}
