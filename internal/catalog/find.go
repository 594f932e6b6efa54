package catalog

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
)

// ByKey returns the newest version of name with this key, or ErrNotFound.
func (c *Catalog) ByKey(ctx context.Context, name, key string) (Version, error) {
	var found []Version
	err := c.read(ctx, func(tx *sql.Tx) (err error) {
		found, err = query(ctx, tx, true, `WHERE name = ? AND key = ? ORDER BY id DESC LIMIT 1`, name, key)
		return err
	})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Version{}, fmt.Errorf("find image %s by its key: %w", name, err)
	}
	return found[0], nil
}

// List returns the versions of name, or of all names when it is "", newest first,
// without Checks and Content.
func (c *Catalog) List(ctx context.Context, name string) ([]Version, error) {
	var found []Version
	err := c.read(ctx, func(tx *sql.Tx) (err error) {
		found, err = query(ctx, tx, false, `WHERE ?1 = '' OR name = ?1 ORDER BY id DESC`, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list images: %w", err)
	}
	return found, nil
}

// Get finds a version by reference: "name" or "name:latest" (the newest that is
// not refused), "name:3", or a unique beginning of an image digest (8 digits or
// more, with or without "sha256:"). An error says which images come nearest, and
// is ErrNotFound unless a digest fits more than one.
func (c *Catalog) Get(ctx context.Context, ref string) (Version, error) {
	var v Version
	err := c.read(ctx, func(tx *sql.Tx) (err error) {
		v, err = get(ctx, tx, ref)
		return err
	})
	if err == nil && v.Version == 0 {
		err = fmt.Errorf("%w: the catalog is empty", ErrNotFound)
	}
	if err != nil {
		return Version{}, fmt.Errorf("find image %q: %w", ref, err)
	}
	return v, nil
}

// get tries the readings of a reference in turn. A name wins over a digest: whoever
// calls an image "deadbeef" means it.
func get(ctx context.Context, tx *sql.Tx, ref string) (Version, error) {
	names, err := names(ctx, tx)
	if err != nil {
		return Version{}, err
	}
	if slices.Contains(names, ref) {
		return newest(ctx, tx, ref)
	}
	if i := strings.LastIndexByte(ref, ':'); i >= 0 && slices.Contains(names, ref[:i]) {
		return numbered(ctx, tx, ref[:i], ref[i+1:])
	}
	if digits, ok := digestDigits(ref); ok {
		return byDigest(ctx, tx, digits)
	}
	return Version{}, fmt.Errorf("%w%s", ErrNotFound, nearest(ref, names))
}

func newest(ctx context.Context, tx *sql.Tx, name string) (Version, error) {
	found, err := query(ctx, tx, true, `WHERE name = ? AND status <> ? ORDER BY id DESC LIMIT 1`, name, string(Refused))
	if err != nil {
		return Version{}, err
	}
	if len(found) == 0 {
		return Version{}, fmt.Errorf("%w: all its versions are refused; name one of them, such as %s:1", ErrNotFound, name)
	}
	return found[0], nil
}

func numbered(ctx context.Context, tx *sql.Tx, name, number string) (Version, error) {
	if number == "latest" {
		return newest(ctx, tx, name)
	}
	n, err := strconv.Atoi(number)
	if err != nil {
		return Version{}, fmt.Errorf("%w: %q is not a version; versions are numbers", ErrNotFound, number)
	}
	found, err := query(ctx, tx, true, `WHERE name = ? AND version = ?`, name, n)
	if err != nil {
		return Version{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var last, first, count int
	if err := tx.QueryRowContext(ctx, `SELECT min(version), max(version), count(*) FROM version WHERE name = ?`, name).Scan(&first, &last, &count); err != nil {
		return Version{}, err
	}
	return Version{}, fmt.Errorf("%w: %s has %d version(s) from %d to %d", ErrNotFound, name, count, first, last)
}

// digestDigits tells whether a reference may be the beginning of a digest.
func digestDigits(ref string) (digits string, ok bool) {
	digits = strings.ToLower(strings.TrimPrefix(ref, "sha256:"))
	even := digits[:len(digits)&^1]
	_, err := hex.DecodeString(even)
	if err == nil && len(even) < len(digits) {
		_, err = hex.DecodeString("0" + digits[len(even):])
	}
	return digits, err == nil && len(digits) >= 8
}

func byDigest(ctx context.Context, tx *sql.Tx, digits string) (Version, error) {
	// "g" is greater than every digit.
	from := "sha256:" + digits
	found, err := query(ctx, tx, false, `WHERE digest >= ? AND digest < ? ORDER BY id DESC`, from, from+"g")
	if err != nil {
		return Version{}, err
	}
	switch len(found) {
	case 0:
		return Version{}, fmt.Errorf("%w: no digest begins like this", ErrNotFound)
	case 1:
		return numbered(ctx, tx, found[0].Name, strconv.Itoa(found[0].Version))
	}
	var candidates []string
	for _, v := range found {
		candidates = append(candidates, fmt.Sprintf("%s:%d (%s)", v.Name, v.Version, v.Image.Digest))
	}
	return Version{}, fmt.Errorf("the digest fits %d images: %s", len(found), strings.Join(candidates, ", "))
}

func names(ctx context.Context, tx *sql.Tx) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT name FROM version ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// nearest says which names somebody may have meant.
func nearest(ref string, names []string) string {
	if i := strings.LastIndexByte(ref, ':'); i >= 0 {
		ref = ref[:i]
	}
	var near []string
	for _, n := range names {
		if levenshtein.Distance(ref, n, nil) <= max(2, len(n)/3) || len(ref) > 2 && strings.Contains(n, ref) {
			near = append(near, n)
		}
	}
	const most = 5
	switch {
	case len(near) > 0:
		slices.SortStableFunc(near, func(a, b string) int {
			return levenshtein.Distance(ref, a, nil) - levenshtein.Distance(ref, b, nil)
		})
		return "; did you mean " + strings.Join(near[:min(most, len(near))], " or ") + "?"
	case len(names) > most:
		return fmt.Sprintf("; there are %d others", len(names))
	case len(names) > 0:
		return "; there is " + strings.Join(names, ", ")
	}
	return ""
}
