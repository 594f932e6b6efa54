package disk

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/disk/ext4"
)

const (
	mib = 1 << 20
	gib = 1 << 30
	// spare is what a disk has free beyond its tree unless its size is given.
	spare = 512 * mib
)

// needed is an upper bound of what the tree takes in the root file system.
func needed(t Tree) int64 {
	// Half a block is lost at the end of each file on average, a directory takes one at
	// least; the extents of a large file take some.
	return t.Content + t.Content/1000 + t.Entries*ext4.BlockSize*3/4
}

// smallest is a lower bound of the size of a disk that holds the tree.
func smallest(t Tree) int64 { return rootStart + t.Content + t.Entries*256 + 2*mib }

// DefaultSize is the smallest whole number of GiB that leaves half a GiB free, or some
// more, for logs and packages. It costs nothing: files on this host are sparse, and the root
// file system grows with the disk of the machine.
func DefaultSize(t Tree) int64 {
	const overhead = 96 * mib // journal, inodes, partitions
	n := needed(t)
	return (n + n/20 + spare + overhead + gib - 1) / gib * gib
}

// tooSmall says what would be enough.
func tooSmall(size, enough int64) error {
	return fmt.Errorf("the disk is too small for the tree: it has %d MiB, and %d MiB are needed: raise disk_size, or leave it out", size/mib, (enough+mib-1)/mib)
}

// ParseSize reads a size as Packer's disk_size has it: MiB, or with K, M, G or T. It is a
// whole number of MiB, and enough for something to be on the disk.
func ParseSize(text string) (int64, error) {
	digits := strings.TrimRight(strings.ToUpper(strings.TrimSpace(text)), "IB")
	unit := int64(mib)
	if n := len(digits); n > 0 {
		if i := strings.IndexByte("KMGT", digits[n-1]); i >= 0 {
			unit = 1 << (10 * (i + 1))
			digits = digits[:n-1]
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil || n <= 0 || n > math.MaxInt64/unit:
		return 0, fmt.Errorf("%q is no size: write a number with M, G or T, such as 10G", text)
	case n*unit%mib != 0:
		return 0, fmt.Errorf("%q is no whole number of MiB", text)
	case n*unit < smallest(Tree{}):
		return 0, fmt.Errorf("%q is %d MiB, and no system's disk is so small: write a unit, such as 10G", text, n*unit/mib)
	case n*unit > 64<<40:
		return 0, fmt.Errorf("%q is more than 64 TiB", text)
	}
	return n * unit, nil
}
