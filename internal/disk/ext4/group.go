package ext4

import "fmt"

const (
	inodesUninit = 1 // flags of a group
	blocksUninit = 2
	inodesZeroed = 4
)

// group is a block group. Its bitmaps are read when something is allocated in it.
type group struct {
	n                     uint32
	raw                   [descSize]byte
	blockMap, inodeMap    uint64 // blocks
	inodeTable            uint64
	freeBlocks            uint32
	freeInodes, unused    uint32
	usedDirs              uint32
	flags                 uint16
	blockBits, inodeBits  []byte // nil: as on disk
	firstBlock, blockEnds uint64
}

func (g *group) pair(lo, hi int) uint32 {
	return uint32(le.Uint16(g.raw[lo:])) | uint32(le.Uint16(g.raw[hi:]))<<16
}

func (g *group) wide(lo, hi int) uint64 {
	return uint64(le.Uint32(g.raw[lo:])) | uint64(le.Uint32(g.raw[hi:]))<<32
}

func (g *group) setPair(lo, hi int, v uint32) {
	le.PutUint16(g.raw[lo:], uint16(v))
	le.PutUint16(g.raw[hi:], uint16(v>>16))
}

func (fs *FS) readGroups() error {
	all := make([]byte, fs.groupCount()*descSize)
	if _, err := fs.f.ReadAt(all, fs.off+BlockSize); err != nil {
		return err
	}
	for i := range fs.groupCount() {
		g := &group{n: uint32(i)}
		copy(g.raw[:], all[i*descSize:])
		if fs.groupChecksum(g) != le.Uint16(g.raw[0x1E:]) {
			return fmt.Errorf("the descriptor of group %d is damaged", i)
		}
		g.blockMap, g.inodeMap, g.inodeTable = g.wide(0, 0x20), g.wide(4, 0x24), g.wide(8, 0x28)
		g.freeBlocks, g.freeInodes = g.pair(0xC, 0x2C), g.pair(0xE, 0x2E)
		g.usedDirs, g.unused = g.pair(0x10, 0x30), g.pair(0x1C, 0x32)
		g.flags = le.Uint16(g.raw[0x12:])
		g.firstBlock = uint64(i) * uint64(fs.blocksPerGroup)
		g.blockEnds = min(g.firstBlock+uint64(fs.blocksPerGroup), fs.blocks)
		fs.groups = append(fs.groups, g)
	}
	return nil
}

// groupChecksum is taken over a descriptor with no checksum in it.
func (fs *FS) groupChecksum(g *group) uint16 {
	raw := g.raw
	raw[0x1E], raw[0x1F] = 0, 0
	return uint16(checksum(checksum32(fs.seed, g.n), raw[:]))
}

// loadBlocks makes the bitmap of a group's blocks ready to be changed.
func (fs *FS) loadBlocks(g *group) error {
	if g.blockBits != nil {
		return nil
	}
	bits := make([]byte, BlockSize)
	if g.flags&blocksUninit == 0 {
		if err := fs.readBlock(g.blockMap, bits); err != nil {
			return err
		}
	} else {
		fs.initBlocks(g, bits)
		g.flags &^= blocksUninit
	}
	g.blockBits = bits
	return nil
}

// initBlocks marks what mke2fs uses in a group whose bitmap it did not write.
func (fs *FS) initBlocks(g *group, bits []byte) {
	mark := func(from, n uint64) {
		for b := max(from, g.firstBlock); b < min(from+n, g.blockEnds); b++ {
			set(bits, uint32(b-g.firstBlock))
		}
	}
	if hasSuper(g.n) {
		mark(g.firstBlock, 1+uint64(fs.descriptorCount)+uint64(fs.reservedDescs))
	}
	tableBlocks := uint64(fs.inodesPerGroup) * inodeSize / BlockSize
	for _, o := range fs.groups {
		mark(o.blockMap, 1)
		mark(o.inodeMap, 1)
		mark(o.inodeTable, tableBlocks)
	}
	for b := uint32(g.blockEnds - g.firstBlock); b < BlockSize*8; b++ {
		set(bits, b)
	}
}

func (fs *FS) loadInodes(g *group) error {
	if g.inodeBits != nil {
		return nil
	}
	bits := make([]byte, BlockSize)
	if g.flags&inodesUninit == 0 {
		if err := fs.readBlock(g.inodeMap, bits); err != nil {
			return err
		}
	}
	for i := fs.inodesPerGroup; i < BlockSize*8; i++ {
		set(bits, i)
	}
	g.flags &^= inodesUninit
	g.inodeBits = bits
	return nil
}

// writeGroups writes bitmaps and descriptors.
func (fs *FS) writeGroups() error {
	all := make([]byte, 0, len(fs.groups)*descSize)
	for _, g := range fs.groups {
		if g.blockBits != nil {
			g.setPair(0x18, 0x38, checksum(fs.seed, g.blockBits[:fs.blocksPerGroup/8]))
			if err := fs.writeBlocks(g.blockMap, g.blockBits); err != nil {
				return err
			}
		}
		if g.inodeBits != nil {
			g.setPair(0x1A, 0x3A, checksum(fs.seed, g.inodeBits[:fs.inodesPerGroup/8]))
			if err := fs.writeBlocks(g.inodeMap, g.inodeBits); err != nil {
				return err
			}
		}
		g.setPair(0xC, 0x2C, g.freeBlocks)
		g.setPair(0xE, 0x2E, g.freeInodes)
		g.setPair(0x10, 0x30, g.usedDirs)
		g.setPair(0x1C, 0x32, g.unused)
		// The file was sparse: unlike mke2fs, who cannot know, we need not leave zeroing
		// the tables to the first machine that mounts it.
		le.PutUint16(g.raw[0x12:], g.flags|inodesZeroed)
		le.PutUint16(g.raw[0x1E:], fs.groupChecksum(g))
		all = append(all, g.raw[:]...)
	}
	_, err := fs.f.WriteAt(all, fs.off+BlockSize)
	return err
}

// hasSuper tells whether a group begins with a copy of superblock and descriptors.
func hasSuper(n uint32) bool {
	if n <= 1 {
		return true
	}
	for _, base := range []uint32{3, 5, 7} {
		p := base
		for p < n {
			p *= base
		}
		if p == n {
			return true
		}
	}
	return false
}

func set(bits []byte, n uint32)        { bits[n/8] |= 1 << (n % 8) }
func unset(bits []byte, n uint32)      { bits[n/8] &^= 1 << (n % 8) }
func isSet(bits []byte, n uint32) bool { return bits[n/8]&(1<<(n%8)) != 0 }
