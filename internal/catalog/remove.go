package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Remove forgets a version and returns it; its files are the caller's to delete.
// It refuses (naming them) while other versions have it as parent, unless force.
// The number is not given again.
func (c *Catalog) Remove(ctx context.Context, ref string, force bool) (Version, error) {
	fail := func(err error) (Version, error) {
		return Version{}, fmt.Errorf("remove image %q: %w", ref, err)
	}
	if _, err := c.reading(); err != nil {
		return fail(ErrNotFound)
	}
	var v Version
	err := c.write(ctx, func(tx *sql.Tx) (err error) {
		if v, err = get(ctx, tx, ref); err != nil {
			return err
		}
		children, err := query(ctx, tx, false, `WHERE parent_name = ? AND parent_version = ? ORDER BY id`, v.Name, v.Version)
		if err != nil {
			return err
		}
		if len(children) > 0 && !force {
			var names []string
			for _, child := range children {
				names = append(names, fmt.Sprintf("%s:%d", child.Name, child.Version))
			}
			return fmt.Errorf("%s:%d is the parent of %s; remove those first, or force it", v.Name, v.Version, strings.Join(names, ", "))
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM version WHERE name = ? AND version = ?`, v.Name, v.Version)
		return err
	})
	if err != nil {
		return fail(err)
	}
	return v, nil
}
