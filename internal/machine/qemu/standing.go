package qemu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/machine/install/download"
)

// standsOn is the file that a disk image reads what it does not hold itself from, as it names
// it; "" for none. A name that cannot be read is "another file".
func standsOn(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head [104]byte
	if n, err := io.ReadFull(f, head[:]); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		if n == 0 {
			return "", nil // that it is no disk is told elsewhere
		}
		return "", err
	}
	switch string(head[:4]) {
	case "QFI\xfb":
		return belowQCOW2(f, head[:]), nil
	case "KDMV":
		return belowVMDK(f, head[:]), nil
	}
	return "", nil // the other forms have none that QEMU reads
}

const unnamed = "another file"

// belowQCOW2 is the backing file, or the one with the data.
func belowQCOW2(f io.ReaderAt, head []byte) string {
	be := binary.BigEndian
	const dataElsewhere = 1 << 2
	if be.Uint32(head[4:]) >= 3 && be.Uint64(head[72:])&dataElsewhere != 0 {
		return unnamed
	}
	offset, size := be.Uint64(head[8:]), be.Uint32(head[16:])
	if offset == 0 {
		return ""
	}
	const longest = 1023
	name := make([]byte, min(size, longest))
	if n, err := f.ReadAt(name, int64(offset)); n == 0 || n < len(name) && err != nil {
		return unnamed
	}
	return string(name)
}

// belowVMDK is the parent, or the file with the data, that the descriptor inside names. It is
// looked for as QEMU does: in the second sector, wherever the header says that it is, and
// whatever stands between the option and its value.
func belowVMDK(f io.ReaderAt, head []byte) string {
	const sector, longest = 512, 20 * 512
	if binary.LittleEndian.Uint64(head[12:]) == 0 { // of no size itself
		return unnamed
	}
	text := make([]byte, longest)
	n, _ := f.ReadAt(text, sector)
	_, rest, found := bytes.Cut(text[:n], []byte("parentFileNameHint"))
	if !found {
		return ""
	}
	name, _, ended := bytes.Cut(rest[min(len(`="`), len(rest)):], []byte(`"`))
	if !ended {
		return unnamed
	}
	return string(name)
}

// checkDownloaded refuses a disk from elsewhere that would bring files of this host into the
// machine.
func (m *vm) checkDownloaded(medium string) error {
	if m.parent != nil || here(m.b.c.ISO.Medium(), medium) {
		return nil
	}
	other, err := standsOn(medium)
	if err == nil && other != "" {
		err = fmt.Errorf("it stands on %s, which has not been downloaded with it, and would be a file of this host: "+
			"have it made whole (qemu-img convert), or download it and what it stands on yourself", other)
	}
	return err
}

// here tells whether a medium is one that lies on this host, rather than a download.
func here(m install.Medium, path string) bool {
	for _, place := range append([]string{m.URL}, m.URLs...) {
		if local, ok, err := download.Local(place); place != "" && err == nil && ok {
			if abs, err := filepath.Abs(local); err == nil && abs == path {
				return true
			}
		}
	}
	return false
}

// maxStack bounds how many files are looked for below a disk.
const maxStack = 64

// below are the files that a disk of this host stands on, which count as it does. What cannot
// be read is told when it is needed.
func below(path string) (all []string) {
	for range maxStack {
		name, err := standsOn(path)
		if err != nil || name == "" || name == unnamed {
			return all
		}
		name = strings.TrimPrefix(name, "file:")
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		all, path = append(all, name), name
	}
	return all
}
