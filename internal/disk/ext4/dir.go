package ext4

import (
	"archive/tar"
	"errors"
)

const (
	dirTail     = 12
	dirTailType = 0xDE
	dirRoom     = BlockSize - dirTail // for entries of a block
)

// dir is a directory, kept until the end of the stream.
type dir struct {
	ino, parent uint32
	node        *inode
	order       []string
	entries     map[string]entry
	dirs        map[string]*dir
	subdirs     int
}

type entry struct {
	ino  uint32
	kind byte
}

func newDir(ino, parent uint32) *dir {
	return &dir{ino: ino, parent: parent, entries: map[string]entry{}, dirs: map[string]*dir{}}
}

func (d *dir) add(name string, ino uint32, kind byte) {
	d.entries[name] = entry{ino, kind}
	d.order = append(d.order, name)
}

// meta makes the directory's inode; that of the stream's last entry for it counts.
func (d *dir) meta(fs *FS, h *tar.Header) error {
	if d.node != nil {
		fs.release(d.node.xattrBlock())
	}
	d.node = newInode(d.ino, modeDir, h)
	return fs.setXattrs(d.node, h)
}

// writeDir writes a directory's entries and inode.
func (fs *FS) writeDir(d *dir) error {
	if d.node == nil {
		return errors.New("the stream has no root directory")
	}
	var all []byte
	block := make([]byte, BlockSize)
	used, last := 0, 0
	close := func() {
		le.PutUint16(block[last+4:], uint16(dirRoom-last)) // the last entry takes the rest
		tail := block[dirRoom:]
		le.PutUint16(tail[4:], dirTail)
		tail[7] = dirTailType
		le.PutUint32(tail[8:], checksum(fs.inodeSeed(d.ino), block[:dirRoom]))
		all = append(all, block...)
		clear(block)
		used, last = 0, 0
	}
	put := func(name string, e entry) {
		size := 8 + (len(name)+3)&^3
		if used+size > dirRoom {
			close()
		}
		p := block[used:]
		le.PutUint32(p, e.ino)
		le.PutUint16(p[4:], uint16(size))
		p[6], p[7] = byte(len(name)), e.kind
		copy(p[8:], name)
		last, used = used, used+size
	}
	put(".", entry{d.ino, fileTypeDir})
	put("..", entry{d.parent, fileTypeDir})
	for _, name := range d.order {
		put(name, d.entries[name])
	}
	close()

	n := d.node
	rest, at := all, uint32(0)
	if d.ino == rootInode { // it has a block already
		old, err := fs.readInode(rootInode)
		if err != nil {
			return err
		}
		first := uint64(le.Uint32(old.raw[0x28+extentSize+8:])) | uint64(le.Uint16(old.raw[0x28+extentSize+6:]))<<32
		if first == 0 || first >= fs.blocks {
			return errors.New("its root directory has no block")
		}
		if err := fs.writeBlocks(first, all[:BlockSize]); err != nil {
			return err
		}
		n.addExtent(0, first, 1)
		rest, at = all[BlockSize:], 1
	}
	if err := fs.append(n, at, rest); err != nil {
		return err
	}
	n.setSize(int64(len(all)))
	if links := 2 + d.subdirs; links <= maxLinks {
		n.setLinks(uint16(links))
	} // else 1: they are not counted any more
	if err := fs.setExtents(n); err != nil {
		return err
	}
	return fs.writeInode(n)
}
