package download

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

// usualSpare is left free on the disk for everything else on this host.
const usualSpare = 64 << 20

// lookEvery is how much is written between two looks at the room that is left.
const lookEvery = 1 << 20

// roomFor tells whether so many bytes fit behind a file without taking what is to spare.
func (d Downloader) roomFor(f *os.File, bytes int64) error {
	var st unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &st) != nil {
		return nil // the disk itself will tell
	}
	spare := d.Spare
	if spare == 0 {
		spare = usualSpare
	}
	free := int64(st.Bavail) * int64(st.Bsize)
	if free-spare >= bytes {
		return nil
	}
	dir := filepath.Dir(f.Name())
	return &output.PlaceError{Dir: dir, Err: fmt.Errorf("%w in %s: %d MB are free, of which %d MB stay so, and %d MB are to come at least",
		unix.ENOSPC, dir, free>>20, spare>>20, (bytes+1<<20-1)>>20)}
}

// sparing appends to a file as long as there is room for more: a server may send without
// end.
type sparing struct {
	d    Downloader
	part *os.File
	left int64 // to write before the next look
}

func (s *sparing) Write(p []byte) (int, error) {
	if s.left -= int64(len(p)); s.left < 0 {
		if err := s.d.roomFor(s.part, lookEvery); err != nil {
			return 0, err
		}
		s.left = lookEvery
	}
	return s.part.Write(p)
}

var _ io.Writer = (*sparing)(nil)
