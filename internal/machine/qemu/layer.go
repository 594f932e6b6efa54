package qemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// layers is the directory of all layers. Each is a directory that only its owner can
// enter: the disks as they were, which nobody writes any more, perhaps the memory, and a
// note that is written last. A layer without a note is not whole.
type layers struct{ dir string }

// note says what a layer is.
type note struct {
	// Below is the layer that the disks stand on, "" for the lowest. They find it by a
	// path relative to theirs, so that the home can be moved.
	Below string   `json:"below,omitempty"`
	Disks []frozen `json:"disks"`
	// Medium is what the machine was installed from, or the disk below the lowest layer.
	Medium string `json:"medium,omitempty"`
	CDs    int    `json:"cds"` // in the layer, beside the medium
	Floppy bool   `json:"floppy,omitempty"`
	Vars   bool   `json:"vars,omitempty"` // of UEFI
	// Key is the public half of the key that the machine may have been told.
	Key string `json:"key,omitempty"`
	// Start is how long the machine took from its last start to be reached.
	Start  time.Duration `json:"start"`
	Took   time.Duration `json:"took"` // to make the layer
	Memory *memory       `json:"memory,omitempty"`
	// Boot is the kernel under which it was made. Until Synced is there, too, the layer
	// may not have reached the disk, and is not trusted under another one.
	Boot string `json:"boot"`
}

// frozen is a disk of a layer.
type frozen struct {
	Format string `json:"format"`
	Size   int64  `json:"size"` // of the file
}

const (
	noteFile   = "layer.json"
	syncedFile = "synced"
	memoryFile = "memory.s2"
	floppyFile = "floppy.img"
)

func (l layers) path(ref string) string { return filepath.Join(l.dir, ref) }

func (l layers) disk(ref string, i int) string {
	return filepath.Join(l.path(ref), "disks", fmt.Sprint(i))
}

func (l layers) cd(ref string, i int) string {
	return filepath.Join(l.path(ref), fmt.Sprintf("cd-%d.iso", i))
}

// belowDisk is a layer's disk as one finds it from the directory of a layer or a machine.
func belowDisk(ref string, i int) string {
	return filepath.Join("..", "..", "..", "layers", ref, "disks", fmt.Sprint(i))
}

// read returns the note of a layer that is whole by itself; machine.ErrGone when it is not
// there, damaged, or not trusted after a crash.
func (l layers) read(ref string) (note, error) {
	gone := func(why error) (note, error) {
		return note{}, fmt.Errorf("read layer %s: %w: %w", ref, machine.ErrGone, why)
	}
	if !ledger.IsTag(ref) {
		return gone(errors.New("that is no layer's name"))
	}
	text, err := os.ReadFile(filepath.Join(l.path(ref), noteFile))
	if errors.Is(err, fs.ErrNotExist) {
		return gone(err)
	}
	if err != nil {
		return note{}, fmt.Errorf("read layer: %w", err)
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return gone(err)
	}
	if n.Boot != ledger.BootID() {
		if _, err := os.Lstat(filepath.Join(l.path(ref), syncedFile)); err != nil {
			return gone(errors.New("the host went down before it was on disk"))
		}
	}
	if len(n.Disks) == 0 {
		return gone(errors.New("its note names no disk"))
	}
	for i, d := range n.Disks {
		if err := d.check(l.disk(ref, i)); err != nil {
			return gone(err)
		}
	}
	return n, nil
}

// check tells whether a disk's file has the size that it had, and begins as its format does.
func (d frozen) check(file string) error {
	fi, err := os.Lstat(file)
	switch {
	case err != nil:
		return err
	case fi.Size() != d.Size || !fi.Mode().IsRegular():
		return fmt.Errorf("%s has %d bytes, and had %d", file, fi.Size(), d.Size)
	case d.Format == "raw":
		return nil
	}
	found, err := imageFormat(file)
	if err == nil && found != d.Format {
		err = fmt.Errorf("%s is no %s disk any more", file, d.Format)
	}
	return err
}

// whole returns the note of a layer whose disks are there, and make sense to QEMU, down to the
// lowest.
func (l layers) whole(ctx context.Context, ref string) (note, error) {
	var top note
	seen := map[string]bool{}
	for at := ref; at != "" || len(seen) == 0; {
		if seen[at] {
			return note{}, fmt.Errorf("read layer %s: %w: it stands on itself", ref, machine.ErrGone)
		}
		n, err := l.read(at)
		if err == nil {
			err = l.sound(ctx, at, n)
		}
		if err != nil {
			return note{}, err
		}
		if len(seen) == 0 {
			top = n
		}
		seen[at] = true
		at = n.Below
	}
	return top, nil
}

// sound tells whether the disks of a layer make sense to QEMU; machine.ErrGone when not.
func (l layers) sound(ctx context.Context, ref string, n note) error {
	for i, d := range n.Disks {
		if d.Format != "qcow2" {
			continue
		}
		if err := checkDisk(ctx, l.disk(ref, i)); errors.Is(err, errDamaged) {
			return fmt.Errorf("read layer %s: %w: disk %d: %w", ref, machine.ErrGone, i, err)
		} else if err != nil {
			return fmt.Errorf("read layer %s: %w", ref, err)
		}
	}
	return nil
}

// write makes a layer whole.
func (l layers) write(ref string, n note) error {
	n.Boot = ledger.BootID()
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	temp := filepath.Join(l.path(ref), "."+noteFile)
	if err := os.WriteFile(temp, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(l.path(ref), noteFile))
}

// sync brings a layer to the disk and notes that it is there.
func (l layers) sync(ref string) error {
	d, err := os.Open(l.path(ref))
	if err != nil {
		return err
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return fmt.Errorf("sync layer %s: %w", ref, err)
	}
	return os.WriteFile(filepath.Join(l.path(ref), syncedFile), nil, 0o600)
}

// remove removes a layer; the note goes first, so that half a layer is none.
func (l layers) remove(ref string) error {
	if !ledger.IsTag(ref) {
		return nil
	}
	if err := os.Remove(filepath.Join(l.path(ref), noteFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := os.RemoveAll(l.path(ref))
	if errors.Is(err, unix.ENOTEMPTY) { // sync made its file just now; it does so once
		err = os.RemoveAll(l.path(ref))
	}
	return err
}

// usage is the number of bytes that a layer takes.
func (l layers) usage(ref string) (n int64, err error) {
	err = filepath.WalkDir(l.path(ref), func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err == nil {
			const block = 512
			n += fi.Sys().(*syscall.Stat_t).Blocks * block
		}
		return err
	})
	return n, err
}

// layerClass is a layer until somebody keeps it. Its id is its tag.
func (p places) layerClass() ledger.Class {
	return ledger.Class{
		Name: "layer",
		Find: func(_ context.Context, tag string) ([]string, error) {
			_, err := os.Lstat(p.layers().path(tag))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return []string{tag}, err
		},
		Destroy: func(_ context.Context, tag string) error { return p.layers().remove(tag) },
	}
}

func (p places) layers() layers { return layers{filepath.Join(p.state, "layers")} }

// share gives a file that nobody writes another name, or copies it.
func share(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return duplicate(from, to)
}

func duplicate(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
