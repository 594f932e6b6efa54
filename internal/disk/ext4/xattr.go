package ext4

import (
	"archive/tar"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	paxXattr     = "SCHILY.xattr."
	xattrMagic   = 0xEA020000
	xattrHeader  = 32 // of a block
	xattrEntry   = 16
	xattrInInode = inodeSize - inodeBody - 4 // behind the magic number
)

// xattrPrefixes have numbers instead of names on disk.
var xattrPrefixes = []struct {
	name  string
	index byte
}{
	{"user.", 1}, {"trusted.", 4}, {"security.", 6}, {"system.", 7},
}

type xattr struct {
	index       byte
	name, value string
}

// setXattrs takes extended attributes over from the stream: into the inode where they
// find room, else into a block.
func (fs *FS) setXattrs(n *inode, h *tar.Header) error {
	var list []xattr
	for key, value := range h.PAXRecords {
		if name, ok := strings.CutPrefix(key, paxXattr); ok {
			x, err := newXattr(name, value)
			if err != nil {
				return fmt.Errorf("extended attribute %s: %w", name, err)
			}
			list = append(list, x)
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b xattr) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	size := 4 // zeros end the list
	for _, x := range list {
		size += x.size()
	}
	if size <= xattrInInode {
		body := n.raw[inodeBody:]
		le.PutUint32(body, xattrMagic)
		putXattrs(body[4:], 0, list)
		return nil
	}
	if size > BlockSize-xattrHeader {
		return errors.New("its extended attributes are too large for one block")
	}
	return fs.putXattrBlock(n, list)
}

// putXattrBlock writes attributes to a block of their own.
func (fs *FS) putXattrBlock(n *inode, list []xattr) error {
	block, _, err := fs.allocate(1)
	if err != nil {
		return err
	}
	b := make([]byte, BlockSize)
	le.PutUint32(b, xattrMagic)
	le.PutUint32(b[4:], 1) // inodes that use it
	le.PutUint32(b[8:], 1) // blocks
	le.PutUint32(b[12:], putXattrs(b, xattrHeader, list))
	sum := checksum(fs.seed, le.AppendUint64(nil, block))
	le.PutUint32(b[16:], checksum(sum, b))
	le.PutUint32(n.raw[0x68:], uint32(block))
	le.PutUint16(n.raw[0x76:], uint16(block>>32))
	n.blocks++
	n.setBlocks()
	return fs.writeBlocks(block, b)
}

// xattrBlock is the block of an inode's attributes; 0 when it has none.
func (n *inode) xattrBlock() uint64 {
	return uint64(le.Uint32(n.raw[0x68:])) | uint64(le.Uint16(n.raw[0x76:]))<<32
}

// putXattrs writes names from a place on, and values from the end of b towards them. It
// returns the hash of all.
func putXattrs(b []byte, at int, list []xattr) (hash uint32) {
	end := len(b)
	for _, x := range list {
		end -= (len(x.value) + 3) &^ 3
		copy(b[end:], x.value)
		p := b[at:]
		p[0], p[1] = byte(len(x.name)), x.index
		le.PutUint16(p[2:], uint16(end))
		le.PutUint32(p[8:], uint32(len(x.value)))
		le.PutUint32(p[12:], x.hash())
		copy(p[xattrEntry:], x.name)
		at += xattrEntry + (len(x.name)+3)&^3
		hash = hash<<16 ^ hash>>16 ^ x.hash()
	}
	return hash
}

// size is what it takes, name and value.
func (x xattr) size() int {
	return xattrEntry + (len(x.name)+3)&^3 + (len(x.value)+3)&^3
}

func (x xattr) hash() uint32 {
	var h uint32
	for _, c := range []byte(x.name) {
		h = h<<5 ^ h>>27 ^ uint32(c)
	}
	padded := append([]byte(x.value), 0, 0, 0)
	for i := 0; i < len(x.value); i += 4 {
		h = h<<16 ^ h>>16 ^ le.Uint32(padded[i:])
	}
	return h
}

func newXattr(name, value string) (xattr, error) {
	switch name {
	case "system.posix_acl_access":
		v, err := packACL(value)
		return xattr{index: 2, value: v}, err
	case "system.posix_acl_default":
		v, err := packACL(value)
		return xattr{index: 3, value: v}, err
	}
	for _, p := range xattrPrefixes {
		if rest, ok := strings.CutPrefix(name, p.name); ok && rest != "" && len(rest) <= maxName {
			return xattr{p.index, rest, value}, nil
		}
	}
	return xattr{}, errors.New("ext4 has no place for it")
}

// packACL turns an access list as system calls show it into one as ext4 stores it: an
// entry that names nobody has no id.
func packACL(v string) (string, error) {
	const named = 0x02 | 0x08 // a user, a group
	b := []byte(v)
	if len(b) < 4 || len(b)%8 != 4 || le.Uint32(b) != 2 {
		return "", errors.New("it is no access list")
	}
	out := le.AppendUint32(nil, 1)
	for b = b[4:]; len(b) > 0; b = b[8:] {
		out = append(out, b[:4]...)
		if le.Uint16(b)&named != 0 {
			out = append(out, b[4:8]...)
		}
	}
	return string(out), nil
}
