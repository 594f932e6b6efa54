package disk

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"os"
	"slices"

	"github.com/proofmark-build/proofmark/internal/disk/ext4"
)

// Of a qcow2, as its specification has them.
const (
	clusterBits  = 16
	clusterSize  = 1 << clusterBits
	perTable     = clusterSize / 8        // addresses in a table
	perCounts    = clusterSize / 2        // counts in a cluster of them
	addressBits  = 62 - (clusterBits - 8) // of a packed cluster; above are its further sectors
	addressAlone = 1 << 63                // nobody else refers to the cluster
	addressPack  = 1 << 62                // it is packed
	headerSize   = 112
	packedZstd   = 1
	incompatPack = 1 << 3 // packed otherwise than by zlib
)

var zeroCluster [clusterSize]byte

// qcow2 writes a disk as a qcow2: cluster after cluster as they come, and in the end the
// tables that say where each is. What is never written, or zero, takes no room. It is not
// safe for concurrent use.
type qcow2 struct {
	out    *os.File
	w      *bufio.Writer
	size   int64 // of the disk
	at     int64 // where w is in the file
	tables map[int64][]uint64
	counts []uint16 // of references to each cluster of the file
	pack   *packer  // nil: clusters are written as they are

	// The content that comes in pieces is gathered here.
	index int64 // of the cluster
	have  uint16
	buf   [clusterSize]byte
	rest  io.WriterAt // takes what is not a whole cluster of content
}

func newQCOW2(out *os.File, size int64, plain bool, rest io.WriterAt) *qcow2 {
	q := &qcow2{out: out, w: bufio.NewWriterSize(out, mib), size: size, tables: map[int64][]uint64{}, rest: rest}
	_, _ = q.w.Write(zeroCluster[:]) // the header's place; an error stays in w
	q.at = clusterSize
	q.counts = []uint16{1}
	if !plain {
		q.pack = newPacker(q.place)
	}
	return q
}

// close ends what goes on in the background. Nothing is written any more.
func (q *qcow2) close() {
	if q.pack != nil {
		_ = q.pack.close() // finish has told
	}
}

// WriteAt takes content: whole blocks of the file system, each of them once.
func (q *qcow2) WriteAt(b []byte, off int64) (int, error) {
	all := len(b)
	for len(b) > 0 {
		if index := off / clusterSize; index != q.index {
			if err := q.flush(); err != nil {
				return 0, err
			}
			q.index = index
		}
		in := int(off % clusterSize)
		n := copy(q.buf[in:], b)
		for block := in / ext4.BlockSize; block < (in+n)/ext4.BlockSize; block++ {
			q.have |= 1 << block
		}
		b, off = b[n:], off+int64(n)
	}
	return all, nil
}

// flush writes the cluster that was gathered. One of which others hold a part, such as
// tables of inodes, waits in rest for them.
func (q *qcow2) flush() error {
	have := q.have
	q.have = 0
	if have == 1<<(clusterSize/ext4.BlockSize)-1 {
		return q.add(q.index, q.buf[:])
	}
	for have != 0 {
		block := bits.TrailingZeros16(have)
		have &^= 1 << block
		data := q.buf[block*ext4.BlockSize : (block+1)*ext4.BlockSize]
		if _, err := q.rest.WriteAt(data, q.index*clusterSize+int64(block)*ext4.BlockSize); err != nil {
			return err
		}
	}
	return nil
}

// add writes a cluster of the disk.
func (q *qcow2) add(index int64, data []byte) error {
	if bytes.Equal(data, zeroCluster[:]) {
		return nil
	}
	if q.pack != nil {
		return q.pack.add(index, data)
	}
	return q.place(index, data, nil)
}

// place writes a cluster that comes next in the file: packed, where that is shorter.
func (q *qcow2) place(index int64, data, packed []byte) error {
	table := q.tables[index/perTable]
	if table == nil {
		table = make([]uint64, perTable)
		q.tables[index/perTable] = table
	}
	entry := &table[index%perTable]
	if *entry != 0 {
		return fmt.Errorf("cluster %d is written twice", index)
	}
	if packed != nil && len(packed) < clusterSize {
		const sectorMask = sector - 1
		more := (q.at&sectorMask + int64(len(packed)) - 1) / sector
		*entry = addressPack | uint64(more)<<addressBits | uint64(q.at)
		q.count(q.at, q.at&^sectorMask+(more+1)*sector)
		return q.write(packed)
	}
	if err := q.align(); err != nil {
		return err
	}
	*entry = addressAlone | uint64(q.at)
	q.count(q.at, q.at+clusterSize)
	return q.write(data)
}

// count notes a reference to all clusters of a stretch of the file.
func (q *qcow2) count(from, to int64) {
	for i := from / clusterSize; i <= (to-1)/clusterSize; i++ {
		for i >= int64(len(q.counts)) {
			q.counts = append(q.counts, 0)
		}
		q.counts[i]++
	}
}

func (q *qcow2) write(b []byte) error {
	n, err := q.w.Write(b)
	q.at += int64(n)
	return err
}

// align goes on at the next cluster of the file.
func (q *qcow2) align() error {
	if n := q.at % clusterSize; n != 0 {
		return q.write(zeroCluster[n:])
	}
	return nil
}

// addFile writes all of a disk that lies in a raw file. Nothing of it was written before.
func (q *qcow2) addFile(raw *os.File) error {
	buf := make([]byte, clusterSize)
	for at := nextData(raw, 0); at < q.size; at = nextData(raw, at) {
		at -= at % clusterSize
		clear(buf)
		if _, err := raw.ReadAt(buf[:min(clusterSize, q.size-at)], at); err != nil {
			return err
		}
		if err := q.add(at/clusterSize, buf); err != nil {
			return err
		}
		at += clusterSize
	}
	return nil
}

// finish writes the tables, and the header that leads to them.
func (q *qcow2) finish() error {
	if q.pack != nil {
		if err := q.pack.close(); err != nil {
			return err
		}
	}
	top := make([]uint64, max(1, (q.size+perTable*clusterSize-1)/(perTable*clusterSize)))
	for _, i := range slices.Sorted(maps.Keys(q.tables)) {
		at, err := q.table(q.tables[i])
		if err != nil {
			return err
		}
		top[i] = addressAlone | uint64(at)
	}
	topAt, err := q.table(top)
	if err != nil {
		return err
	}
	if err := q.align(); err != nil {
		return err
	}
	// The counts count themselves and the table of their places.
	used := q.at / clusterSize
	var groups, tables int64
	for {
		g := (used + groups + tables + perCounts - 1) / perCounts
		t := (g + perTable - 1) / perTable
		if g == groups && t == tables {
			break
		}
		groups, tables = g, t
	}
	q.count(q.at, q.at+(groups+tables)*clusterSize)
	places := make([]uint64, groups)
	for i := range places {
		places[i] = uint64(q.at) + uint64(i)*clusterSize
	}
	all := make([]byte, groups*clusterSize)
	for i, n := range q.counts {
		binary.BigEndian.PutUint16(all[2*i:], n)
	}
	if err := q.write(all); err != nil {
		return err
	}
	placesAt := q.at
	for _, p := range places {
		if err := q.write(binary.BigEndian.AppendUint64(nil, p)); err != nil {
			return err
		}
	}
	if err := q.align(); err != nil {
		return err
	}
	if err := q.w.Flush(); err != nil {
		return err
	}
	_, err = q.out.WriteAt(q.header(topAt, int64(len(top)), placesAt, tables), 0)
	return err
}

// table writes addresses, from the next cluster on.
func (q *qcow2) table(entries []uint64) (at int64, err error) {
	if err := q.align(); err != nil {
		return 0, err
	}
	at = q.at
	b := make([]byte, 0, 8*len(entries))
	for _, e := range entries {
		b = binary.BigEndian.AppendUint64(b, e)
	}
	q.count(at, at+int64(len(b)))
	return at, q.write(b)
}

func (q *qcow2) header(top, tops, places, clusters int64) []byte {
	b := make([]byte, headerSize+8) // and the end of no extensions
	be := binary.BigEndian
	copy(b, "QFI\xfb")
	be.PutUint32(b[4:], 3)
	be.PutUint32(b[20:], clusterBits)
	be.PutUint64(b[24:], uint64(q.size))
	be.PutUint32(b[36:], uint32(tops))
	be.PutUint64(b[40:], uint64(top))
	be.PutUint64(b[48:], uint64(places))
	be.PutUint32(b[56:], uint32(clusters))
	if q.pack != nil {
		be.PutUint64(b[72:], incompatPack)
		b[104] = packedZstd
	}
	be.PutUint32(b[96:], 4) // counts of 1<<4 bits
	be.PutUint32(b[100:], headerSize)
	return b
}
