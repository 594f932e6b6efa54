// Package ext4 fills an empty ext4 file system with the content of a tar stream.
//
// mke2fs makes the file system: journal, reserved descriptors, backups. It could fill it
// as well, from a directory (-d), but numbers inodes and places blocks in the order in
// which the host happens to list directories, and takes over the times at which the
// host's own files changed: two copies of a tree give two file systems. Here the stream
// alone decides.
//
// What is there afterwards is for the kernel to change: no file system that was ever
// mounted can be opened.
package ext4

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// ErrFull is wrapped by the error that says that the file system has no room left.
var ErrFull = errors.New("the file system is full")

// BlockSize is the only one that is read and written.
const BlockSize = 4096

// FS is a file system that is being filled. It is not safe for concurrent use.
type FS struct {
	f   *os.File
	off int64
	super
	groups []*group

	nextBlock uint64
	nextInode uint32
	root      *dir
	buf       []byte

	// Latest bounds times: what is newer gets it. Zero: nothing is.
	Latest time.Time
	// Content takes the blocks of files, directories and long links: whole blocks, each
	// once, in the order of the disk, at the file's offsets. It is the file itself unless set.
	Content io.WriterAt
	// Seen, if set, is told of every entry of the stream before it is written.
	Seen func(*tar.Header)
}

// Open opens the file system that begins at a byte of a file. It was made by mke2fs with
// the features of Features, and nothing has been put into it.
func Open(f *os.File, off int64) (*FS, error) {
	fs := &FS{f: f, off: off, Content: f, buf: make([]byte, chunk)}
	if err := fs.readSuper(); err != nil {
		return nil, fmt.Errorf("open ext4: %w", err)
	}
	if err := fs.readGroups(); err != nil {
		return nil, fmt.Errorf("open ext4: %w", err)
	}
	fs.nextInode = firstInode
	fs.root = newDir(rootInode, rootInode)
	fs.root.add("lost+found", lostFound, fileTypeDir)
	fs.root.subdirs++
	return fs, nil
}

// FreeBlocks tells how many blocks of BlockSize bytes files and directories may take.
func (fs *FS) FreeBlocks() int64 { return int64(fs.freeBlocks) }

// FreeInodes tells how many more files there may be.
func (fs *FS) FreeInodes() int64 { return int64(fs.freeInodes) }

// Fill reads a tar stream to its end and finishes the file system. Directories come
// before what is in them, files before further names of theirs; "./" is the root. When
// it fails the file system is worth nothing. A stretch of zeros takes no room.
//
// The time at which something changed is that of its content: the stream has no other.
func (fs *FS) Fill(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("fill ext4: %w", err)
		}
		if err := fs.add(h, tr); err != nil {
			return fmt.Errorf("fill ext4: %s: %w", h.Name, err)
		}
	}
	if err := fs.finish(); err != nil {
		return fmt.Errorf("fill ext4: %w", err)
	}
	return nil
}

// add puts one entry of the stream into the file system.
func (fs *FS) add(h *tar.Header, r io.Reader) error {
	if fs.Seen != nil {
		fs.Seen(h)
	}
	if err := possible(h); err != nil {
		return err
	}
	if !fs.Latest.IsZero() && h.ModTime.After(fs.Latest) {
		h.ModTime = fs.Latest
	}
	name := strings.Trim(path.Clean("/"+h.Name), "/")
	if name == "" {
		if h.Typeflag != tar.TypeDir {
			return errors.New("the root is no directory")
		}
		return fs.root.meta(fs, h)
	}
	parent, err := fs.lookup(path.Dir(name))
	if err != nil {
		return err
	}
	base := path.Base(name)
	if len(base) > maxName {
		return fmt.Errorf("a name has %d bytes at most", maxName)
	}
	if base == "lost+found" && parent == fs.root { // mke2fs made it
		if h.Typeflag != tar.TypeDir {
			return errors.New("an ext4 file system has a directory of that name, for what is found when it is repaired: remove it from the tree")
		}
		return nil
	}
	if d := parent.dirs[base]; d != nil && h.Typeflag == tar.TypeDir {
		return d.meta(fs, h) // as tar does it
	}
	if _, there := parent.entries[base]; there {
		return errors.New("is in the stream twice")
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return fs.addDir(parent, base, h)
	case tar.TypeLink:
		return fs.addLink(parent, base, strings.Trim(path.Clean("/"+h.Linkname), "/"))
	case tar.TypeReg:
		return fs.addNode(parent, base, h, fileTypeReg, modeReg, func(n *inode) error { return fs.content(n, r) })
	case tar.TypeSymlink:
		return fs.addNode(parent, base, h, fileTypeLink, modeLink, func(n *inode) error { return fs.target(n, h.Linkname) })
	case tar.TypeFifo:
		return fs.addNode(parent, base, h, fileTypeFifo, modeFifo, func(*inode) error { return nil })
	case tar.TypeChar:
		return fs.addNode(parent, base, h, fileTypeChar, modeChar, func(n *inode) error { return n.device(h) })
	case tar.TypeBlock:
		return fs.addNode(parent, base, h, fileTypeBlock, modeBlock, func(n *inode) error { return n.device(h) })
	}
	return fmt.Errorf("unknown type %q", h.Typeflag)
}

// possible refuses what an inode has no room for.
func possible(h *tar.Header) error {
	switch {
	case h.Uid < 0 || h.Uid > maxOwner || h.Gid < 0 || h.Gid > maxOwner:
		return fmt.Errorf("there is no owner %d:%d", h.Uid, h.Gid)
	case h.Typeflag == tar.TypeReg && h.Size > maxFile:
		return fmt.Errorf("a file has %d bytes at most", int64(maxFile))
	case h.Typeflag == tar.TypeSymlink && (h.Linkname == "" || len(h.Linkname) >= BlockSize):
		return fmt.Errorf("a symbolic link leads to 1 to %d bytes, and this one to %d", BlockSize-1, len(h.Linkname))
	}
	return nil
}

func (fs *FS) addDir(parent *dir, base string, h *tar.Header) error {
	ino, err := fs.newInode(true)
	if err != nil {
		return err
	}
	d := newDir(ino, parent.ino)
	parent.add(base, ino, fileTypeDir)
	parent.dirs[base] = d
	parent.subdirs++
	return d.meta(fs, h)
}

func (fs *FS) addNode(parent *dir, base string, h *tar.Header, kind byte, mode uint16, fill func(*inode) error) error {
	ino, err := fs.newInode(false)
	if err != nil {
		return err
	}
	n := newInode(ino, mode, h)
	if err := fill(n); err != nil {
		return err
	}
	if err := fs.setXattrs(n, h); err != nil {
		return err
	}
	parent.add(base, ino, kind)
	return fs.writeInode(n)
}

// addLink gives a file another name.
func (fs *FS) addLink(parent *dir, base, first string) error {
	d, err := fs.lookup(path.Dir(first))
	if err != nil {
		return err
	}
	e, there := d.entries[path.Base(first)]
	if !there || e.kind == fileTypeDir {
		return fmt.Errorf("there is no file %s to link to", first)
	}
	n, err := fs.readInode(e.ino)
	if err != nil {
		return err
	}
	if n.links() == maxLinks {
		return fmt.Errorf("%s has too many names", first)
	}
	n.setLinks(n.links() + 1)
	parent.add(base, e.ino, e.kind)
	return fs.writeInode(n)
}

// lookup finds a directory of the stream.
func (fs *FS) lookup(name string) (*dir, error) {
	d := fs.root
	if name == "." {
		return d, nil
	}
	for e := range strings.SplitSeq(name, "/") {
		if d = d.dirs[e]; d == nil {
			return nil, fmt.Errorf("its directory %s does not come before it", name)
		}
	}
	return d, nil
}

// finish writes what could not be known before the end of the stream.
func (fs *FS) finish() error {
	if err := fs.writeDirs(fs.root); err != nil {
		return err
	}
	if err := fs.writeGroups(); err != nil {
		return err
	}
	return fs.writeSuper()
}

// writeDirs writes a directory and all below it.
func (fs *FS) writeDirs(d *dir) error {
	if err := fs.writeDir(d); err != nil {
		return err
	}
	for _, name := range d.order {
		if sub := d.dirs[name]; sub != nil {
			if err := fs.writeDirs(sub); err != nil {
				return err
			}
		}
	}
	return nil
}

func (fs *FS) readBlock(n uint64, b []byte) error {
	_, err := fs.f.ReadAt(b, fs.off+int64(n)*BlockSize)
	return err
}

// writeBlocks writes b, and zeros up to the end of its last block.
func (fs *FS) writeBlocks(n uint64, b []byte) error { return fs.writeTo(fs.f, n, b) }

func (fs *FS) writeTo(w io.WriterAt, n uint64, b []byte) error {
	if rest := len(b) % BlockSize; rest != 0 {
		b = slices.Concat(b, zeros[:BlockSize-rest])
	}
	_, err := w.WriteAt(b, fs.off+int64(n)*BlockSize)
	return err
}
