package disk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/proofmark-build/proofmark/internal/disk/ext4"
	"github.com/proofmark-build/proofmark/internal/image"
)

// Tree is a root file system.
type Tree struct {
	// Tar writes it as a tar stream: directories before what is in them, files before
	// their further names, "./" for the root, extended attributes as SCHILY.xattr records.
	Tar     func(ctx context.Context, w io.Writer) error
	Digest  image.Digest // what identifiers on the disk follow from
	Content int64        // bytes in its files, at most
	Entries int64
}

// Options say what disk is made. The zero value boots nowhere.
type Options struct {
	Name     string   // of the image; identifiers follow from it, too
	Size     int64    // bytes; 0: enough for the tree, see DefaultSize
	BIOS     bool     // boots on a BIOS
	UEFI     bool     // boots on UEFI, without Secure Boot
	Consoles []string // console= of the kernel; the last one is /dev/console
	Cmdline  []string // what else the kernel is told
	// Epoch bounds the times on the disk: what is newer gets it. Zero: nothing is.
	Epoch time.Time
}

// Write makes a raw disk, a sparse file, or a qcow2. What is called out must not be there
// yet; on error, and when ctx ends, nothing is left of it, nor of what is kept beside it
// meanwhile. Nothing is synced.
func Write(ctx context.Context, t Tree, o Options, f Form, out string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write disk %s: %w", out, err)
		}
	}()
	if !o.BIOS && !o.UEFI {
		return errors.New("it would boot nowhere")
	}
	if err := Require(o, f); err != nil {
		return err
	}
	if o.Size == 0 {
		o.Size = DefaultSize(t)
	}
	if least := smallest(t); o.Size < least {
		return tooSmall(o.Size, least)
	}
	w := &writer{tree: t, Options: o, ids: newIDs(t, o)}
	w.layout()
	switch f.Format {
	case Raw:
		return create(out, func(file *os.File) error {
			w.file, w.content = file, file
			return w.write(ctx)
		})
	case QCOW2:
		return create(out, func(file *os.File) error { return w.writeQCOW2(ctx, f, file) })
	}
	return fmt.Errorf("format %s is made of a raw disk", f.Format)
}

// create makes a file, and removes it when filling it fails.
func create(name string, fill func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f), f.Close()); err != nil {
		os.Remove(name)
	}
	return err
}

// writer makes one disk.
type writer struct {
	tree Tree
	Options
	file            *os.File    // raw: all that is not content
	content         io.WriterAt // of files: the same, or where it goes at once
	ids             ids
	bios, esp, root partition
	boot            bootFiles
}

func (w *writer) write(ctx context.Context) error {
	if err := w.file.Truncate(w.Size); err != nil {
		return err
	}
	if err := w.partitions(ctx); err != nil {
		return err
	}
	if err := w.fillRoot(ctx); err != nil {
		return err
	}
	return w.loader(ctx)
}

// writeQCOW2 lets content go straight to its place: the raw disk, which programs of this
// host work on, has but what they make, and goes in the end.
func (w *writer) writeQCOW2(ctx context.Context, f Form, out *os.File) error {
	name := out.Name() + ".raw"
	err := create(name, func(raw *os.File) error {
		q := newQCOW2(out, w.Size, f.Plain, raw)
		defer q.close()
		w.file, w.content = raw, q
		if err := w.write(ctx); err != nil {
			return err
		}
		if err := q.flush(); err != nil {
			return err
		}
		if err := q.addFile(raw); err != nil {
			return err
		}
		return q.finish()
	})
	if err != nil {
		return err
	}
	return os.Remove(name)
}

// fillRoot makes the root file system, and notes what in it boots.
func (w *writer) fillRoot(ctx context.Context) error {
	program, err := lookPath("mke2fs")
	if err != nil {
		return err
	}
	err = ext4.Make(ctx, ext4.Format{Program: program, File: w.file.Name(), Offset: w.root.start, Blocks: w.root.size / ext4.BlockSize,
		Inodes: w.tree.Entries + w.tree.Entries/4 + 1000, UUID: w.ids.rootFS, Label: "root", Time: w.time()})
	if err != nil {
		return err
	}
	fs, err := ext4.Open(w.file, w.root.start)
	if err != nil {
		return err
	}
	free := fs.FreeBlocks()
	fs.Latest, fs.Content = w.Epoch, w.content
	fs.Seen = w.boot.see
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r, pw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := w.tree.Tar(ctx, pw)
		pw.CloseWithError(err) // nil: the end
		done <- err
	}()
	err = fs.Fill(r)
	if err == nil {
		_, err = io.Copy(io.Discard, r) // what pads the archive
	}
	cancel(err)
	r.CloseWithError(errors.New("not read to its end"))
	if terr := <-done; err == nil {
		err = terr
	}
	if errors.Is(err, ext4.ErrFull) {
		return tooSmall(w.Size, w.Size+max(needed(w.tree)-free*ext4.BlockSize, w.Size/8))
	}
	if err != nil {
		return err
	}
	return w.boot.find()
}

// time stands for now on the disk.
func (w *writer) time() time.Time {
	if w.Epoch.IsZero() {
		return time.Unix(946684800, 0) // 2000: whatever looks at it must not find it in the future
	}
	return w.Epoch
}
