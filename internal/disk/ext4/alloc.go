package ext4

import "fmt"

// allocate takes up to n blocks that follow each other, as early as there are any.
func (fs *FS) allocate(n uint64) (first, got uint64, err error) {
	for fs.nextBlock < fs.blocks {
		g := fs.groups[fs.nextBlock/uint64(fs.blocksPerGroup)]
		if g.freeBlocks == 0 {
			fs.nextBlock = g.blockEnds
			continue
		}
		if err := fs.loadBlocks(g); err != nil {
			return 0, 0, err
		}
		at := uint32(fs.nextBlock - g.firstBlock)
		if isSet(g.blockBits, at) {
			fs.nextBlock++
			continue
		}
		first = fs.nextBlock
		for got < n && fs.nextBlock < g.blockEnds && !isSet(g.blockBits, uint32(fs.nextBlock-g.firstBlock)) {
			set(g.blockBits, uint32(fs.nextBlock-g.firstBlock))
			got++
			fs.nextBlock++
		}
		g.freeBlocks -= uint32(got)
		fs.freeBlocks -= got
		return first, got, nil
	}
	return 0, 0, fmt.Errorf("%w: it has %d blocks", ErrFull, fs.blocks)
}

// release gives back a block that was allocated; none is 0. It is not used again.
func (fs *FS) release(block uint64) {
	if block == 0 {
		return
	}
	g := fs.groups[block/uint64(fs.blocksPerGroup)]
	unset(g.blockBits, uint32(block-g.firstBlock))
	g.freeBlocks++
	fs.freeBlocks++
}

// newInode takes the next inode.
func (fs *FS) newInode(isDir bool) (uint32, error) {
	ino := fs.nextInode
	n := int((ino - 1) / fs.inodesPerGroup)
	if n >= len(fs.groups) {
		return 0, fmt.Errorf("%w: it has %d inodes", ErrFull, ino-1)
	}
	g := fs.groups[n]
	if err := fs.loadInodes(g); err != nil {
		return 0, err
	}
	fs.nextInode++
	at := (ino - 1) % fs.inodesPerGroup
	set(g.inodeBits, at)
	g.freeInodes--
	fs.freeInodes--
	g.unused = fs.inodesPerGroup - at - 1
	if isDir {
		g.usedDirs++
	}
	return ino, nil
}
