package tree

import (
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// compressor writes a stream compressed and takes sums on both sides of it.
type compressor struct {
	*chunkWriter
	raw, out hash.Hash // nil: not taken; read after Close
	size     int64     // compressed bytes; read after Close
	trailer  func() error
}

// Close writes what is left. It does not close the target.
func (c *compressor) Close() error {
	err := c.chunkWriter.Close()
	if err == nil && c.trailer != nil {
		err = c.trailer()
	}
	return err
}

// newZstd compresses each chunk to a frame of its own, which every reader of
// zstd takes as one stream.
func newZstd(w io.Writer, level int, raw, out hash.Hash) *compressor {
	speed := [...]zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression}
	c := &compressor{raw: raw, out: out}
	c.chunkWriter = newChunkWriter(func() transform {
		// Only options that are constant here: it cannot fail.
		enc, _ := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(speed[min(max(level, 0), len(speed)-1)]),
			zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(chunkSize))
		return func(dst, src []byte, last bool) []byte { return enc.EncodeAll(src, dst) }
	}, func(raw, out []byte) error { return c.sink(w, raw, out) })
	return c
}

// newGzip makes one gzip member. Chunks are deflate streams without a history,
// each ended by a flush at a byte boundary, so that they can be joined.
func newGzip(w io.Writer, level int, raw, out hash.Hash) *compressor {
	levels := [...]int{1, 5, 9}
	c := &compressor{raw: raw, out: out}
	var sum, total uint32
	started := false
	c.chunkWriter = newChunkWriter(func() transform {
		var b appender
		enc, _ := flate.NewWriter(&b, levels[min(max(level, 0), len(levels)-1)])
		return func(dst, src []byte, last bool) []byte {
			b.buf = dst
			enc.Reset(&b)
			// Writes to memory do not fail.
			enc.Write(src)
			if last {
				enc.Close()
			} else {
				enc.Flush()
			}
			return b.buf
		}
	}, func(raw, out []byte) error {
		if !started {
			started = true
			// Deflate, no name, no time, unknown system: the same bytes every time.
			if err := c.sink(w, nil, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}); err != nil {
				return err
			}
		}
		sum = crc32.Update(sum, crc32.IEEETable, raw)
		total += uint32(len(raw))
		return c.sink(w, raw, out)
	})
	c.trailer = func() error {
		end := binary.LittleEndian.AppendUint32(nil, sum)
		return c.sink(w, nil, binary.LittleEndian.AppendUint32(end, total))
	}
	return c
}

func (c *compressor) sink(w io.Writer, raw, out []byte) error {
	if c.raw != nil {
		c.raw.Write(raw)
	}
	if c.out != nil {
		c.out.Write(out)
	}
	c.size += int64(len(out))
	_, err := w.Write(out)
	return err
}

// appender is a writer to memory.
type appender struct{ buf []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.buf = append(a.buf, p...)
	return len(p), nil
}
