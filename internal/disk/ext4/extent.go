package ext4

const (
	extentMagic   = 0xF30A
	extentSize    = 12 // of header, extent and index alike
	extentsInNode = 4
	extentsInLeaf = (BlockSize - extentSize - 4) / extentSize
	maxExtent     = 1 << 15 // blocks
)

// extent says that blocks of a file lie one after the other. In a node that is no leaf
// it says where the node is that knows the extents from a block on.
type extent struct {
	at, n uint32
	first uint64
}

func (n *inode) addExtent(at uint32, first uint64, count uint32) {
	n.blocks += uint64(count)
	if i := len(n.extents) - 1; i >= 0 {
		last := &n.extents[i]
		if last.at+last.n == at && last.first+uint64(last.n) == first && last.n+count <= maxExtent {
			last.n += count
			return
		}
	}
	n.extents = append(n.extents, extent{at, count, first})
}

// setExtents writes the tree of extents, whose root is in the inode.
func (fs *FS) setExtents(n *inode) error {
	level, depth := n.extents, uint16(0)
	for len(level) > extentsInNode {
		var above []extent
		for len(level) > 0 {
			part := level[:min(len(level), extentsInLeaf)]
			level = level[len(part):]
			block, _, err := fs.allocate(1)
			if err != nil {
				return err
			}
			n.blocks++
			b := make([]byte, BlockSize)
			putExtents(b, part, extentsInLeaf, depth)
			tail := extentSize * (1 + extentsInLeaf)
			le.PutUint32(b[tail:], checksum(fs.inodeSeed(n.ino), b[:tail]))
			if err := fs.writeBlocks(block, b); err != nil {
				return err
			}
			above = append(above, extent{at: part[0].at, first: block})
		}
		level, depth = above, depth+1
	}
	le.PutUint32(n.raw[0x20:], extentsFlag)
	putExtents(n.raw[0x28:], level, extentsInNode, depth)
	n.setBlocks()
	return nil
}

func putExtents(b []byte, list []extent, most, depth uint16) {
	le.PutUint16(b, extentMagic)
	le.PutUint16(b[2:], uint16(len(list)))
	le.PutUint16(b[4:], most)
	le.PutUint16(b[6:], depth)
	for i, e := range list {
		p := b[extentSize*(i+1):]
		le.PutUint32(p, e.at)
		if depth > 0 {
			le.PutUint32(p[4:], uint32(e.first))
			le.PutUint16(p[8:], uint16(e.first>>32))
			continue
		}
		le.PutUint16(p[4:], uint16(e.n))
		le.PutUint16(p[6:], uint16(e.first>>32))
		le.PutUint32(p[8:], uint32(e.first))
	}
}
