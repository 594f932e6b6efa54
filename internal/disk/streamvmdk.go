package disk

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

const (
	grainSectors   = 128 // 64 KiB
	grainSize      = grainSectors * sector
	grainsPerTable = 512

	vmdkMagic   = 0x564D444B // "KDMV"
	vmdkVersion = 3
	vmdkFlags   = 1 | 1<<16 | 1<<17 // line ends can be checked; grains are compressed; there are markers
	atTheEnd    = 1<<64 - 1         // the directory's place is in the footer

	descriptorSectors = 20
	streamOverhead    = 128 // sectors before the first grain

	markEnd, markTable, markDirectory, markFooter = 0, 1, 2, 3
)

// streamWriter writes a vmdk from its beginning to its end: grains as they come,
// compressed, then the tables that say where they are.
type streamWriter struct {
	w        *bufio.Writer
	sectors  uint64 // written
	capacity uint64
	table    [grainsPerTable]uint32
	used     bool     // something is in the table
	tables   []uint32 // where they are; 0: it would be empty
}

// writeStreamVMDK does what qemu-img does for this subformat, on all processors: there
// one compresses all of the disk.
func writeStreamVMDK(ctx context.Context, raw, out string, ids Identity) (err error) {
	in, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer in.Close()
	fi, err := in.Stat()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	s := &streamWriter{w: bufio.NewWriterSize(f, mib), capacity: uint64(fi.Size()) / sector}
	if err := s.begin(filepath.Base(out), ids); err != nil {
		return err
	}
	err = compressGrains(ctx, in, fi.Size(), func(index int64, packed []byte) error { return s.grain(index, packed) })
	if err != nil {
		return err
	}
	if err := s.end(); err != nil {
		return err
	}
	return s.w.Flush()
}

// header is the first sector, and the footer.
func (s *streamWriter) header(directory uint64) []byte {
	b := make([]byte, sector)
	le := binary.LittleEndian
	le.PutUint32(b, vmdkMagic)
	le.PutUint32(b[4:], vmdkVersion)
	le.PutUint32(b[8:], vmdkFlags)
	le.PutUint64(b[12:], s.capacity)
	le.PutUint64(b[20:], grainSectors)
	le.PutUint64(b[28:], 1)
	le.PutUint64(b[36:], descriptorSectors)
	le.PutUint32(b[44:], grainsPerTable)
	le.PutUint64(b[56:], directory)
	le.PutUint64(b[64:], streamOverhead)
	copy(b[73:], "\n \r\n")
	le.PutUint16(b[77:], 1) // deflate
	return b
}

func (s *streamWriter) begin(name string, ids Identity) error {
	const heads, perTrack = 255, 63
	text := fmt.Sprintf(`# Disk DescriptorFile
version=1
CID=%08x
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RW %d SPARSE %q

# The Disk Data Base
#DDB

ddb.virtualHWVersion = "13"
ddb.geometry.cylinders = "%d"
ddb.geometry.heads = "%d"
ddb.geometry.sectors = "%d"
ddb.adapterType = "lsilogic"
`, ids.contentID(), s.capacity, name, s.capacity/(heads*perTrack), heads, perTrack)
	head := make([]byte, streamOverhead*sector)
	copy(head, s.header(atTheEnd))
	if len(text) > descriptorSectors*sector {
		return fmt.Errorf("the name %q is too long for a vmdk", name)
	}
	copy(head[sector:], text)
	return s.write(head)
}

// write writes b, and zeros up to the end of its last sector.
func (s *streamWriter) write(b []byte) error {
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	rest := (sector - len(b)%sector) % sector
	_, err := s.w.Write(make([]byte, rest))
	s.sectors += uint64(len(b)+rest) / sector
	return err
}

// grain writes one grain; nil is one of zeros. They come in order.
func (s *streamWriter) grain(index int64, packed []byte) error {
	if packed != nil {
		if s.sectors > 1<<32-1 {
			return fmt.Errorf("a vmdk cannot be larger than 2 TiB")
		}
		s.table[index%grainsPerTable], s.used = uint32(s.sectors), true
		head := binary.LittleEndian.AppendUint64(nil, uint64(index)*grainSectors)
		head = binary.LittleEndian.AppendUint32(head, uint32(len(packed)))
		if err := s.write(append(head, packed...)); err != nil {
			return err
		}
	}
	if index%grainsPerTable == grainsPerTable-1 {
		return s.endTable()
	}
	return nil
}

// endTable writes the table of the grains that came last.
func (s *streamWriter) endTable() error {
	at := uint32(0)
	if s.used {
		b := make([]byte, grainsPerTable*4)
		for i, v := range s.table {
			binary.LittleEndian.PutUint32(b[i*4:], v)
		}
		if err := s.marker(markTable, len(b)); err != nil {
			return err
		}
		at = uint32(s.sectors)
		if err := s.write(b); err != nil {
			return err
		}
	}
	s.tables = append(s.tables, at)
	s.table, s.used = [grainsPerTable]uint32{}, false
	return nil
}

// marker announces metadata of a size in bytes.
func (s *streamWriter) marker(kind uint32, size int) error {
	b := binary.LittleEndian.AppendUint64(nil, uint64(size+sector-1)/sector)
	b = binary.LittleEndian.AppendUint32(b, 0)
	return s.write(binary.LittleEndian.AppendUint32(b, kind))
}

func (s *streamWriter) end() error {
	grains := (s.capacity + grainSectors - 1) / grainSectors
	if grains%grainsPerTable != 0 {
		if err := s.endTable(); err != nil {
			return err
		}
	}
	var b []byte
	for _, at := range s.tables {
		b = binary.LittleEndian.AppendUint32(b, at)
	}
	if err := s.marker(markDirectory, len(b)); err != nil {
		return err
	}
	directory := s.sectors
	if err := s.write(b); err != nil {
		return err
	}
	if err := s.marker(markFooter, sector); err != nil {
		return err
	}
	if err := s.write(s.header(directory)); err != nil {
		return err
	}
	return s.marker(markEnd, 0)
}
