package ext4

import (
	"bytes"
	"errors"
	"io"
)

// chunk is how much of a file is read at once, and the shortest stretch of zeros that
// is left out.
const chunk = 64 << 10

var zeros [chunk]byte

// content writes a file.
func (fs *FS) content(n *inode, r io.Reader) error {
	var size int64
	for {
		got, err := io.ReadFull(r, fs.buf)
		if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if got > 0 && !(got == chunk && bytes.Equal(fs.buf, zeros[:])) {
			if err := fs.append(n, uint32(size/BlockSize), fs.buf[:got]); err != nil {
				return err
			}
		}
		size += int64(got)
		if got < chunk {
			break
		}
	}
	n.setSize(size)
	return fs.setExtents(n)
}

// target writes a symbolic link.
func (fs *FS) target(n *inode, to string) error {
	n.setSize(int64(len(to)))
	if len(to) < fastLink {
		copy(n.raw[0x28:0x28+fastLink], to)
		return nil
	}
	if err := fs.append(n, 0, []byte(to)); err != nil {
		return err
	}
	return fs.setExtents(n)
}

// append writes data to new blocks, the first of which is block at of the file.
func (fs *FS) append(n *inode, at uint32, data []byte) error {
	for len(data) > 0 {
		first, got, err := fs.allocate(uint64(len(data)+BlockSize-1) / BlockSize)
		if err != nil {
			return err
		}
		part := data[:min(len(data), int(got)*BlockSize)]
		if err := fs.writeTo(fs.Content, first, part); err != nil {
			return err
		}
		n.addExtent(at, first, uint32(got))
		at += uint32(got)
		data = data[len(part):]
	}
	return nil
}
