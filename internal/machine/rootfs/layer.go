package rootfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// layers is the directory of all layers. Each layer is a directory that only its
// owner can enter, with the overlay's upper directory in it and a note that is
// written last: a layer without a note is not whole.
type layers struct{ dir string }

// layer is the note.
type layer struct {
	// Below are the layers it stands on, lowest first.
	Below []string `json:"below"`
	// Empty is set when nothing was changed: there is no directory to stack.
	Empty bool `json:"empty,omitempty"`
	// Boot is the kernel under which it was made. Until Synced is there, too, the
	// layer may not have reached the disk, and is not trusted under another one.
	Boot string `json:"boot"`
}

const (
	noteFile   = "layer.json"
	syncedFile = "synced"
	treeDir    = "root"
)

func (l layers) path(id string) string { return filepath.Join(l.dir, id) }
func (l layers) tree(id string) string { return filepath.Join(l.dir, id, treeDir) }

// valid refuses what cannot be the name of a layer, so that no reference leads
// elsewhere.
func valid(id string) bool {
	return id != "" && id[0] != '.' && !strings.ContainsAny(id, "/\x00")
}

// read returns the note of a layer; machine.ErrGone when it is not there, not
// whole, or not trusted after a crash.
func (l layers) read(id string) (layer, error) {
	if !valid(id) {
		return layer{}, fmt.Errorf("read layer %q: %w", id, machine.ErrGone)
	}
	text, err := os.ReadFile(filepath.Join(l.path(id), noteFile))
	if errors.Is(err, fs.ErrNotExist) {
		return layer{}, fmt.Errorf("read layer %s: %w", id, machine.ErrGone)
	}
	if err != nil {
		return layer{}, fmt.Errorf("read layer: %w", err)
	}
	var n layer
	if err := json.Unmarshal(text, &n); err != nil {
		return layer{}, fmt.Errorf("read layer %s: %w: %w", id, machine.ErrGone, err)
	}
	if n.Boot != ledger.BootID() {
		if _, err := os.Lstat(filepath.Join(l.path(id), syncedFile)); err != nil {
			return layer{}, fmt.Errorf("read layer %s: %w: the host went down before it was on disk", id, machine.ErrGone)
		}
	}
	if !n.Empty {
		if fi, err := os.Lstat(l.tree(id)); err != nil || !fi.IsDir() {
			return layer{}, fmt.Errorf("read layer %s: %w", id, machine.ErrGone)
		}
	}
	return n, nil
}

// chain returns the layers to stack for a machine on top of id, lowest first.
func (l layers) chain(id string) ([]string, error) {
	n, err := l.read(id)
	if err != nil {
		return nil, err
	}
	for _, below := range n.Below {
		if _, err := l.read(below); err != nil {
			return nil, err
		}
	}
	if n.Empty {
		return n.Below, nil
	}
	return append(n.Below[:len(n.Below):len(n.Below)], id), nil
}

// make makes the layer id on top of below. fill puts its directory at the given
// path, or says by false that there is nothing in it.
func (l layers) make(id string, below []string, fill func(tree string) (bool, error)) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(l.path(id), 0o700); err != nil {
		return err
	}
	filled, err := fill(l.tree(id))
	if err != nil {
		return err
	}
	text, err := json.Marshal(layer{Below: below, Empty: !filled, Boot: ledger.BootID()})
	if err != nil {
		return err
	}
	temp := filepath.Join(l.path(id), "."+noteFile)
	if err := os.WriteFile(temp, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(l.path(id), noteFile))
}

// sync brings a layer to the disk and notes that it is there.
func (l layers) sync(id string) error {
	d, err := os.Open(l.path(id))
	if err != nil {
		return err
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return fmt.Errorf("sync layer %s: %w", id, err)
	}
	return os.WriteFile(filepath.Join(l.path(id), syncedFile), nil, 0o600)
}

// remove removes a layer; the note goes first, so that half a layer is none.
func (l layers) remove(id string) error {
	if !valid(id) {
		return nil
	}
	for _, name := range []string{noteFile, syncedFile} {
		if err := os.Remove(filepath.Join(l.path(id), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err := os.RemoveAll(l.path(id))
	if errors.Is(err, unix.ENOTEMPTY) { // sync made its file just now; it does so once
		err = os.RemoveAll(l.path(id))
	}
	return err
}
