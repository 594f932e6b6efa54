package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// origin is the part of a version that is only ever read as a whole.
type origin struct {
	Build          string            `json:"build"`
	Run            string            `json:"run"`
	Template       string            `json:"template"`
	TemplateDigest string            `json:"template_digest"`
	Commit         string            `json:"commit"`
	Labels         map[string]string `json:"labels"`
	Variables      []Variable        `json:"variables"`
	Parent         *Ref              `json:"parent"`
	Steps          []Step            `json:"steps"`
	Tool           string            `json:"tool"`
	Processed      *Processed        `json:"processed,omitempty"`
}

func originOf(v Version) origin {
	return origin{v.Build, v.Run, v.Template, v.TemplateDigest, v.Commit, v.Labels, v.Variables, v.Parent, v.Steps, v.Tool, v.Processed}
}

func (o origin) fill(v *Version) {
	v.Build, v.Run, v.Template, v.TemplateDigest, v.Commit = o.Build, o.Run, o.Template, o.TemplateDigest, o.Commit
	v.Labels, v.Variables, v.Parent, v.Steps, v.Tool, v.Processed = o.Labels, o.Variables, o.Parent, o.Steps, o.Tool, o.Processed
}

// Add records a version and returns it with its number. Created is now when it is zero.
func (c *Catalog) Add(ctx context.Context, v Version) (Version, error) {
	fail := func(err error) (Version, error) {
		return Version{}, fmt.Errorf("add image %s to the catalog: %w", v.Name, err)
	}
	if v.Name == "" {
		return fail(errors.New("it has no name"))
	}
	if v.Created.IsZero() {
		v.Created = time.Now()
	}
	v.Created = time.Unix(0, v.Created.UnixNano()).UTC()
	texts, err := marshal(v.Image, originOf(v), v.Checks, v.Content)
	if err != nil {
		return fail(err)
	}
	var parentName, parentVersion any // NULL without a parent
	if v.Parent != nil {
		parentName, parentVersion = v.Parent.Name, v.Parent.Version
	}
	err = c.write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `
			INSERT INTO name (name, last) VALUES (?, 1)
			ON CONFLICT (name) DO UPDATE SET last = last + 1
			RETURNING last`, v.Name).Scan(&v.Version)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO version (name, version, key, proof_key, status, created, digest,
				parent_name, parent_version, image, origin, checks, content, log, report)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.Name, v.Version, v.Key, v.ProofKey, string(v.Status), v.Created.UnixNano(), string(v.Image.Digest),
			parentName, parentVersion, texts[0], texts[1], texts[2], texts[3], v.Log, v.Report)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return v, nil
}

// Update replaces a version's proof, and what post-processors made of it: Status,
// ProofKey, Checks, Content, Report, Log, Processed. ErrNotFound when the version is
// not there.
func (c *Catalog) Update(ctx context.Context, v Version) error {
	fail := func(err error) error {
		return fmt.Errorf("update image %s:%d in the catalog: %w", v.Name, v.Version, err)
	}
	if _, err := c.reading(); err != nil {
		return fail(ErrNotFound)
	}
	texts, err := marshal(v.Checks, v.Content, v.Processed)
	if err != nil {
		return fail(err)
	}
	err = c.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, `
			UPDATE version SET status = ?, proof_key = ?, checks = ?, content = ?, origin = json_set(origin, '$.processed', json(?)), report = ?, log = ?
			WHERE name = ? AND version = ?`,
			string(v.Status), v.ProofKey, texts[0], texts[1], texts[2], v.Report, v.Log, v.Name, v.Version)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
	if err != nil {
		return fail(err)
	}
	return nil
}

func marshal(values ...any) ([]string, error) {
	var texts []string
	for _, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(b))
	}
	return texts, nil
}

const (
	briefColumns = `name, version, key, proof_key, status, created, image, origin, log, report`
	allColumns   = briefColumns + `, checks, content`
)

// query returns the versions that a condition selects, newest first: whole ones,
// or without checks and content.
func query(ctx context.Context, tx *sql.Tx, whole bool, condition string, args ...any) ([]Version, error) {
	columns := briefColumns
	if whole {
		columns = allColumns
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM version `+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Version
	for rows.Next() {
		var v Version
		var o origin
		var created int64
		var img, org, checks, content []byte
		into := []any{&v.Name, &v.Version, &v.Key, &v.ProofKey, &v.Status, &created, &img, &org, &v.Log, &v.Report}
		texts := map[*[]byte]any{&img: &v.Image, &org: &o}
		if whole {
			into = append(into, &checks, &content)
			texts[&checks], texts[&content] = &v.Checks, &v.Content
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for text, value := range texts {
			if err := json.Unmarshal(*text, value); err != nil {
				return nil, fmt.Errorf("read record of %s:%d: %w", v.Name, v.Version, err)
			}
		}
		o.fill(&v)
		v.Created = time.Unix(0, created).UTC()
		found = append(found, v)
	}
	return found, rows.Err()
}
