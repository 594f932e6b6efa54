package tree

import (
	"crypto/sha256"
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
// zstd takes as one stream. With frames, if not nil, it takes those that are there
// already from an earlier archive, and notes all of them at the end of this one.
func newZstd(w io.Writer, level int, raw, out hash.Hash, f *frames) *compressor {
	speed := [...]zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression}
	c := &compressor{raw: raw, out: out}
	c.chunkWriter = newChunkWriter(func() transform {
		// Only options that are constant here: it cannot fail.
		enc, _ := zstd.NewWriter(nil,
			zstd.WithEncoderLevel(speed[min(max(level, 0), len(speed)-1)]),
			zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(chunkSize))
		return func(c *chunk) {
			if f != nil {
				c.sum = sha256.Sum256(c.in)
				if c.out = f.reuse(c.sum, c.out); len(c.out) > 0 {
					return
				}
			}
			c.out = enc.EncodeAll(c.in, c.out)
		}
	}, func(k *chunk) error {
		if f != nil && len(k.in) > 0 {
			f.note(k)
		}
		return c.sink(w, k.in, k.out)
	})
	if f != nil {
		c.trailer = func() error { return c.sink(w, nil, f.list()) }
	}
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
		return func(c *chunk) {
			b.buf = c.out
			enc.Reset(&b)
			// Writes to memory do not fail.
			enc.Write(c.in)
			if c.last {
				enc.Close()
			} else {
				enc.Flush()
			}
			c.out = b.buf
		}
	}, func(k *chunk) error {
		if !started {
			started = true
			// Deflate, no name, no time, unknown system: the same bytes every time.
			if err := c.sink(w, nil, []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}); err != nil {
				return err
			}
		}
		sum = crc32.Update(sum, crc32.IEEETable, k.in)
		total += uint32(len(k.in))
		return c.sink(w, k.in, k.out)
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
