package fake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Directories below Config.Home.
const (
	machinesDir = "machines"
	layersDir   = "layers"
)

// Where says in which home a builder's things lie.
func Where(home string) ledger.Where { return ledger.Where{"home": home} }

// Resources lists the classes of things that builders make in a home.
func Resources(where ledger.Where) []ledger.Class {
	return []ledger.Class{machineClass(where["home"]), layerClass(where["home"])}
}

func machineClass(home string) ledger.Class { return dirClass("fake machine", home, machinesDir) }
func layerClass(home string) ledger.Class   { return dirClass("fake layer", home, layersDir) }

// dirClass is of directories home/sub/TAG, whose ids are their paths.
func dirClass(name, home, sub string) ledger.Class {
	return ledger.Class{
		Name: name,
		Find: func(_ context.Context, tag string) ([]string, error) {
			dir := filepath.Join(home, sub, tag)
			_, err := os.Lstat(dir)
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return []string{dir}, err
		},
		Destroy: func(_ context.Context, id string) error {
			if !filepath.IsAbs(id) || filepath.Base(filepath.Dir(id)) != sub {
				return fmt.Errorf("%q is not a directory of %s", id, sub)
			}
			return removeAll(id)
		},
	}
}

// removeAll removes a tree, directories without permissions included.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) // what this does not help is in the error below
		}
		return nil
	})
	return os.RemoveAll(dir)
}
