package output

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
)

// Adopt puts a file or tree that is there on record as if it had just been made: unless it
// is owned, or changed from now on, it goes with the scope. That nothing is there is no
// error. Errors are PlaceErrors.
func (f *Files) Adopt(ctx context.Context, path string) error {
	to := Resolve(path)
	id, err := f.Scope.CreateIn(ctx, f.where(to), f.tree(f.where(to)), func(_ context.Context, tag string) (string, error) {
		return identify(to, tag, to)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return in(filepath.Dir(to), err)
	}
	f.add(made{id: id, path: to})
	return nil
}
