package tree

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"slices"
)

// frames knows what an archive of this package is made of, so that the next one need not
// compress what has not changed. An archive ends with a frame that readers of zstd skip: a
// record for each of the others, how long those are, and what ends it.
type frames struct {
	level byte     // of compression
	old   *os.File // nil: there is nothing to take
	known map[[sha256.Size]byte]frame
	notes []byte // records of the new archive
}

// frame is where a chunk lies in the old archive, compressed.
type frame struct {
	at   int64
	size int
	sum  [sha256.Size]byte
}

const (
	skipped     = 0x184D2A5D // of a frame that is no content
	skippedHead = 8          // this, and how much follows
	// framesEnd says that the list is one of ours, and of frames as this version makes
	// them: it changes with what compresses them. The level comes after it.
	framesEnd   = "proofmark frames 1 "
	frameRecord = sha256.Size + 4 + sha256.Size // of content, length, sum of the frame
	listEnd     = 4 + len(framesEnd) + 1        // the list's length comes first
	maxList     = 64 << 20
)

// openFrames reads the list of an archive; "" is none. One that cannot be read, is not of this
// version, or has not the digest that it had, has nothing to give.
func openFrames(name, list string, level int) *frames {
	f := &frames{level: byte('0' + level)}
	if name == "" {
		return f
	}
	file, err := os.Open(name)
	if err != nil {
		return f
	}
	f.old = file
	if f.known = f.read(file, list); f.known == nil {
		f.close()
	}
	return f
}

// listDigest is that of the records of all frames.
func listDigest(records []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(records)) }

// read reads the list of an archive; nil where there is none that serves.
func (f *frames) read(file *os.File, want string) map[[sha256.Size]byte]frame {
	fi, err := file.Stat()
	if err != nil || !fi.Mode().IsRegular() || fi.Size() < int64(skippedHead+listEnd) {
		return nil
	}
	end := make([]byte, listEnd)
	if _, err := file.ReadAt(end, fi.Size()-int64(listEnd)); err != nil || string(end[4:]) != f.end() {
		return nil
	}
	n := int64(binary.LittleEndian.Uint32(end))
	contentEnds := fi.Size() - int64(listEnd) - n - skippedHead
	if n > maxList || n%frameRecord != 0 || contentEnds < 0 {
		return nil
	}
	list := make([]byte, n)
	if _, err := file.ReadAt(list, contentEnds+skippedHead); err != nil || listDigest(list) != want {
		return nil
	}
	known := make(map[[sha256.Size]byte]frame, n/frameRecord)
	var at int64
	for ; len(list) > 0; list = list[frameRecord:] {
		size := int64(binary.LittleEndian.Uint32(list[sha256.Size:]))
		if size > contentEnds-at {
			return nil
		}
		known[[sha256.Size]byte(list)] = frame{at, int(size), [sha256.Size]byte(list[sha256.Size+4:])}
		at += size
	}
	return known
}

// reuse appends the frame of content with this sum to b, which is empty; nothing where there
// is none, or it is damaged. It is safe for concurrent use, also with note.
func (f *frames) reuse(content [sha256.Size]byte, b []byte) []byte {
	old, ok := f.known[content]
	if !ok || old.size > 2*chunkSize {
		return b
	}
	b = slices.Grow(b, old.size)[:old.size]
	if _, err := f.old.ReadAt(b, old.at); err != nil || sha256.Sum256(b) != old.sum {
		return b[:0]
	}
	return b
}

// note takes down a frame of the new archive; they come in order.
func (f *frames) note(c *chunk) {
	sum := sha256.Sum256(c.out)
	f.notes = append(f.notes, c.sum[:]...)
	f.notes = binary.LittleEndian.AppendUint32(f.notes, uint32(len(c.out)))
	f.notes = append(f.notes, sum[:]...)
}

// list is the frame that ends the new archive.
func (f *frames) list() []byte {
	n := uint32(len(f.notes))
	b := binary.LittleEndian.AppendUint32(nil, skipped)
	b = binary.LittleEndian.AppendUint32(b, n+uint32(listEnd))
	b = append(b, f.notes...)
	b = binary.LittleEndian.AppendUint32(b, n)
	return append(b, f.end()...)
}

func (f *frames) end() string { return framesEnd + string(f.level) }

func (f *frames) close() {
	if f.old != nil {
		f.old.Close() // it was only read
		f.old = nil
	}
}

const (
	largeFile    = 256 << 10 // is cut off from what comes before it
	betweenSmall = 64        // entries of a chunk of others, on average
)

// beginsChunk tells whether a chunk begins with an entry. Nothing but the entry decides, so
// that what is added or removed elsewhere changes no other chunk.
func beginsChunk(e *entry) bool {
	return e.isRegular() && e.st.Size >= largeFile || crc32.ChecksumIEEE([]byte(e.name))%betweenSmall == 0
}
