package postprocess

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/klauspost/compress/gzip"
)

// bgzf writes gzip in blocks of known length, so that readers can jump: each is a
// gzip member whose extra field "BC" holds its length less one.
type bgzf struct {
	w     io.Writer
	level int
	block []byte // not written yet
	err   error
}

const (
	bgzfData  = 0xff00 // bytes of a block before compression: with all that is added it stays below 64 KiB
	bgzfExtra = 16     // where the length stands in a member
)

func newBGZF(w io.Writer, level int) (*bgzf, error) {
	return &bgzf{w: w, level: level, block: make([]byte, 0, bgzfData)}, nil
}

func (b *bgzf) Write(p []byte) (n int, err error) {
	for len(p) > 0 && b.err == nil {
		k := copy(b.block[len(b.block):bgzfData], p)
		b.block, p, n = b.block[:len(b.block)+k], p[k:], n+k
		if len(b.block) == bgzfData {
			b.flush()
		}
	}
	return n, b.err
}

// flush writes the block as one member.
func (b *bgzf) flush() {
	if b.err != nil {
		return
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, b.level)
	if err == nil {
		z.Extra = []byte{'B', 'C', 2, 0, 0, 0}
		z.OS = 0xff
		if _, err = z.Write(b.block); err == nil {
			err = z.Close()
		}
	}
	if err == nil {
		member := out.Bytes()
		binary.LittleEndian.PutUint16(member[bgzfExtra:], uint16(len(member)-1))
		_, err = b.w.Write(member)
	}
	b.block, b.err = b.block[:0], err
}

// Close writes the rest, and the empty block that ends the file.
func (b *bgzf) Close() error {
	if len(b.block) > 0 {
		b.flush()
	}
	b.flush()
	return b.err
}
