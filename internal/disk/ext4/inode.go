package ext4

import (
	"archive/tar"
	"fmt"
	"time"
)

const (
	modeFifo, modeChar, modeDir, modeBlock = 0x1000, 0x2000, 0x4000, 0x6000
	modeReg, modeLink                      = 0x8000, 0xA000
	fileTypeReg, fileTypeDir, fileTypeChar = 1, 2, 3
	fileTypeBlock, fileTypeFifo            = 4, 5
	fileTypeLink                           = 7
	extentsFlag                            = 0x80000
	extraSize                              = 32
	inodeBody                              = 128 + extraSize // where attributes begin
	fastLink                               = 60
	maxName, maxLinks                      = 255, 65000
	maxOwner                               = 1<<32 - 1
	maxFile                                = (1<<32 - 1) * BlockSize
	sectorsPerBlock                        = BlockSize / 512
)

// inode is one on its way to disk.
type inode struct {
	ino     uint32
	raw     [inodeSize]byte
	extents []extent
	blocks  uint64 // that it occupies, of every kind
}

// newInode takes owner, mode and time over from the stream.
func newInode(ino uint32, kind uint16, h *tar.Header) *inode {
	n := &inode{ino: ino}
	b := n.raw[:]
	le.PutUint16(b[0x80:], extraSize)
	le.PutUint16(b, kind|uint16(h.Mode&0o7777))
	le.PutUint16(b[0x2:], uint16(h.Uid))
	le.PutUint16(b[0x78:], uint16(h.Uid>>16))
	le.PutUint16(b[0x18:], uint16(h.Gid))
	le.PutUint16(b[0x7A:], uint16(h.Gid>>16))
	n.setTimes(h.ModTime)
	n.setLinks(1)
	return n
}

func (n *inode) setLinks(links uint16) { le.PutUint16(n.raw[0x1A:], links) }

func (n *inode) links() uint16 { return le.Uint16(n.raw[0x1A:]) }

func (n *inode) setSize(size int64) {
	le.PutUint32(n.raw[0x4:], uint32(size))
	le.PutUint32(n.raw[0x6C:], uint32(size>>32))
}

func (n *inode) setBlocks() {
	sectors := n.blocks * sectorsPerBlock
	le.PutUint32(n.raw[0x1C:], uint32(sectors))
	le.PutUint16(n.raw[0x74:], uint16(sectors>>32))
}

// setTimes sets all times: of access, change, modification and creation. ext4 counts
// from 1901 to 2446.
func (n *inode) setTimes(t time.Time) {
	sec := min(max(t.Unix(), -1<<31), 1<<34-1<<31-1)
	extra := uint32((sec-int64(int32(sec)))>>32)&3 | uint32(t.Nanosecond())<<2
	for _, at := range [][2]int{{0x8, 0x8C}, {0xC, 0x84}, {0x10, 0x88}, {0x90, 0x94}} {
		le.PutUint32(n.raw[at[0]:], uint32(sec))
		le.PutUint32(n.raw[at[1]:], extra)
	}
}

// device writes the numbers of a device where a file has its blocks.
func (n *inode) device(h *tar.Header) error {
	major, minor := uint32(h.Devmajor), uint32(h.Devminor)
	switch {
	case h.Devmajor < 0 || h.Devmajor >= 1<<12 || h.Devminor < 0 || h.Devminor >= 1<<20:
		return fmt.Errorf("there is no device %d:%d", h.Devmajor, h.Devminor)
	case major < 256 && minor < 256:
		le.PutUint32(n.raw[0x28:], major<<8|minor)
	default:
		le.PutUint32(n.raw[0x2C:], minor&0xFF|major<<8|(minor&^0xFF)<<12)
	}
	return nil
}

// inodeSeed is the seed of the checksums of what belongs to the inode.
func (fs *FS) inodeSeed(ino uint32) uint32 {
	return checksum32(checksum32(fs.seed, ino), 0) // no generation
}

func (fs *FS) inodeAt(ino uint32) int64 {
	g := fs.groups[(ino-1)/fs.inodesPerGroup]
	return fs.off + int64(g.inodeTable)*BlockSize + int64((ino-1)%fs.inodesPerGroup)*inodeSize
}

func (fs *FS) readInode(ino uint32) (*inode, error) {
	n := &inode{ino: ino}
	_, err := fs.f.ReadAt(n.raw[:], fs.inodeAt(ino))
	return n, err
}

func (fs *FS) writeInode(n *inode) error {
	le.PutUint16(n.raw[0x7C:], 0)
	le.PutUint16(n.raw[0x82:], 0)
	sum := checksum(fs.inodeSeed(n.ino), n.raw[:])
	le.PutUint16(n.raw[0x7C:], uint16(sum))
	le.PutUint16(n.raw[0x82:], uint16(sum>>16))
	_, err := fs.f.WriteAt(n.raw[:], fs.inodeAt(n.ino))
	return err
}
