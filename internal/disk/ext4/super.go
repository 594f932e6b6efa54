package ext4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Features are those that mke2fs must be asked for: what GRUB 2.06 and Linux 4.19 read,
// and no more.
const Features = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super," +
	"large_file,huge_file,dir_nlink,extra_isize,metadata_csum"

const (
	compatFeatures   = 0x4 | 0x8 | 0x10 | 0x20               // has_journal ext_attr resize_inode dir_index
	incompatFeatures = 0x2 | 0x40 | 0x80 | 0x200             // filetype extent 64bit flex_bg
	roCompatFeatures = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x400 // sparse_super large_file huge_file dir_nlink extra_isize metadata_csum
	superOffset      = 1024
	superSize        = 1024
	magic            = 0xEF53
	inodeSize        = 256
	descSize         = 64
	rootInode        = 2
	lostFound        = 11
	firstInode       = 12
	descsPerBlock    = BlockSize / descSize
	superChecksum    = 0x3FC
	checksumOfCRC32C = 1
)

// super is the superblock.
type super struct {
	raw             [superSize]byte
	blocks          uint64
	freeBlocks      uint64
	freeInodes      uint32
	blocksPerGroup  uint32
	inodesPerGroup  uint32
	reservedDescs   uint32
	seed            uint32 // of checksums
	created         uint32
	descriptorCount uint32 // blocks
}

var (
	le    = binary.LittleEndian
	table = crc32.MakeTable(crc32.Castagnoli)
)

// checksum is CRC-32C as ext4 has it: without the inversions at its ends.
func checksum(seed uint32, b []byte) uint32 { return ^crc32.Update(^seed, table, b) }

func checksum32(seed, v uint32) uint32 { return checksum(seed, le.AppendUint32(nil, v)) }

func (fs *FS) readSuper() error {
	s := &fs.super
	if _, err := fs.f.ReadAt(s.raw[:], fs.off+superOffset); err != nil {
		return err
	}
	if le.Uint16(s.raw[0x38:]) != magic {
		return errors.New("there is none")
	}
	if sum := checksum(^uint32(0), s.raw[:superChecksum]); sum != le.Uint32(s.raw[superChecksum:]) {
		return errors.New("its superblock is damaged")
	}
	compat, incompat, ro := le.Uint32(s.raw[0x5C:]), le.Uint32(s.raw[0x60:]), le.Uint32(s.raw[0x64:])
	if compat != compatFeatures || incompat != incompatFeatures || ro != roCompatFeatures {
		return fmt.Errorf("its features are %#x %#x %#x, wanted are %#x %#x %#x", compat, incompat, ro, compatFeatures, incompatFeatures, roCompatFeatures)
	}
	if size := 1024 << le.Uint32(s.raw[0x18:]); size != BlockSize {
		return fmt.Errorf("its blocks have %d bytes, wanted are %d", size, BlockSize)
	}
	if n := le.Uint16(s.raw[0x58:]); n != inodeSize {
		return fmt.Errorf("its inodes have %d bytes, wanted are %d", n, inodeSize)
	}
	if n := le.Uint16(s.raw[0xFE:]); n != descSize {
		return fmt.Errorf("its group descriptors have %d bytes, wanted are %d", n, descSize)
	}
	if s.raw[0x175] != checksumOfCRC32C {
		return errors.New("its checksums are of an unknown kind")
	}
	s.blocks = uint64(le.Uint32(s.raw[0x4:])) | uint64(le.Uint32(s.raw[0x150:]))<<32
	s.freeBlocks = uint64(le.Uint32(s.raw[0xC:])) | uint64(le.Uint32(s.raw[0x158:]))<<32
	s.freeInodes = le.Uint32(s.raw[0x10:])
	s.blocksPerGroup, s.inodesPerGroup = le.Uint32(s.raw[0x20:]), le.Uint32(s.raw[0x28:])
	s.created = le.Uint32(s.raw[0x108:])
	s.reservedDescs = uint32(le.Uint16(s.raw[0xCE:]))
	if s.blocks == 0 || s.blocksPerGroup == 0 || s.blocksPerGroup > BlockSize*8 || s.inodesPerGroup == 0 || s.inodesPerGroup > BlockSize*8 || s.blocks > 1<<40 {
		return errors.New("its superblock makes no sense")
	}
	if le.Uint32(s.raw[:]) != s.inodesPerGroup*uint32(s.groupCount()) || s.inodesPerGroup < firstInode {
		return errors.New("its superblock makes no sense")
	}
	s.descriptorCount = uint32((s.groupCount() + descsPerBlock - 1) / descsPerBlock)
	s.seed = checksum(^uint32(0), s.raw[0x68:0x78])
	return nil
}

func (s *super) groupCount() int {
	return int((s.blocks + uint64(s.blocksPerGroup) - 1) / uint64(s.blocksPerGroup))
}

func (fs *FS) writeSuper() error {
	s := &fs.super
	le.PutUint32(s.raw[0xC:], uint32(s.freeBlocks))
	le.PutUint32(s.raw[0x158:], uint32(s.freeBlocks>>32))
	le.PutUint32(s.raw[0x10:], s.freeInodes)
	le.PutUint32(s.raw[superChecksum:], checksum(^uint32(0), s.raw[:superChecksum]))
	_, err := fs.f.WriteAt(s.raw[:], fs.off+superOffset)
	return err
}
