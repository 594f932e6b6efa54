package tree

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxWindow bounds what one stream may make a decompressor remember.
const maxWindow = 128 << 20

// decompress returns the content of a stream whose first bytes tell how it is
// compressed; not at all is fine too. Close frees what it holds; it does not
// close r.
func decompress(r io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(r, 256<<10)
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) == 0 {
		return nil, errors.New("is empty")
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		return readAhead(z), nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}),
		len(head) > 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		z, err := zstd.NewReader(b,
			zstd.WithDecoderConcurrency(min(runtime.GOMAXPROCS(0), 4)),
			zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		z, err := xz.NewReader(b)
		if err != nil {
			return nil, err
		}
		return readAhead(z), nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return readAhead(bzip2.NewReader(b)), nil
	}
	for _, f := range []struct{ magic, is string }{
		{"hsqs", "a squashfs image"}, {"QFI\xfb", "a qcow2 disk image"}, {"PK\x03\x04", "a zip archive"},
		{"!<arch>", "a Debian package"}, {"070701", "a cpio archive"}, {"\xed\xab\xee\xdb", "an RPM package"},
		{"<", "a web page or XML"}, {"{", "JSON"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return nil, fmt.Errorf("is %s, not a tar archive", f.is)
		}
	}
	return io.NopCloser(b), nil
}

// aheadReader reads in a goroutine of its own, so that decompressing goes on
// while files are written.
type aheadReader struct {
	full, free chan []byte
	stop       chan struct{}
	cur        []byte
	rest       []byte
	err        error // set before full is closed
}

func readAhead(r io.Reader) io.ReadCloser {
	const n = 4
	a := &aheadReader{full: make(chan []byte, n), free: make(chan []byte, n+1), stop: make(chan struct{})}
	for range n {
		a.free <- make([]byte, 256<<10)
	}
	go func() {
		defer close(a.full)
		for {
			select {
			case b := <-a.free:
				k, err := fill(r, b[:cap(b)])
				if k > 0 {
					a.full <- b[:k]
				}
				if err != nil {
					a.err = err
					return
				}
			case <-a.stop:
				return
			}
		}
	}()
	return a
}

func (a *aheadReader) Read(p []byte) (int, error) {
	if len(a.rest) == 0 {
		if a.cur != nil {
			a.free <- a.cur
			a.cur = nil
		}
		b, ok := <-a.full
		if !ok {
			return 0, a.err
		}
		a.cur, a.rest = b, b
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close ends the goroutine, which is in the middle of a Read of its source at
// most, and waits for it.
func (a *aheadReader) Close() error {
	close(a.stop)
	for range a.full {
	}
	return nil
}

// fill reads until p is full or r ends or fails; io.EOF only where r says so.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = r.Read(p[n:])
		n += k
	}
	return n, err
}
