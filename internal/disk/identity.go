package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/image"
)

// Identity is what the identifiers inside of a format follow from, where qemu-img would
// take random ones or the time.
type Identity struct {
	Digest image.Digest // of the tree
	Name   string       // of the image
}

func (i Identity) derive(purpose string) []byte {
	return derive(string(i.Digest)+"\x00"+i.Name, purpose)
}

// contentID is a vmdk's, and never that of a disk without parent.
func (i Identity) contentID() uint32 { return binary.BigEndian.Uint32(i.derive("vmdk")) &^ 1 }

// patchVMDK gives the descriptor's content identifier a value that stays.
func patchVMDK(f *os.File, ids Identity) error {
	const (
		descriptorAt = 0x1C // of the header: sector, and how many, as 64 bits each
		mostSectors  = 128
	)
	var head [512]byte
	if _, err := f.ReadAt(head[:], 0); err != nil {
		return err
	}
	at, n := binary.LittleEndian.Uint64(head[descriptorAt:]), binary.LittleEndian.Uint64(head[descriptorAt+8:])
	if string(head[:4]) != "KDMV" || n == 0 || n > mostSectors || at == 0 || at > mostSectors {
		return errors.New("qemu-img made no vmdk")
	}
	text := make([]byte, n*sector)
	if _, err := f.ReadAt(text, int64(at)*sector); err != nil {
		return err
	}
	const key = "\nCID="
	i := bytes.Index(text, []byte(key))
	if i < 0 {
		return errors.New("the vmdk has no content identifier")
	}
	i += len(key)
	end := bytes.IndexByte(text[i:], '\n')
	if end < 1 || end > 8 {
		return errors.New("the vmdk's content identifier has an unknown form")
	}
	fixed := fmt.Appendf(nil, "%08x", ids.contentID())
	// qemu-img writes no leading zeros: what follows moves, into the zeros that pad it.
	rest := append(fixed, text[i+end:]...)
	rest = bytes.TrimRight(rest, "\x00")
	if i+len(rest) > len(text) {
		return errors.New("the vmdk's descriptor has no room")
	}
	clear(text[i:])
	copy(text[i:], rest)
	_, err := f.WriteAt(text, int64(at)*sector)
	return err
}

// patchVDI does the same for the identifiers of a VirtualBox disk and its last change.
func patchVDI(f *os.File, ids Identity) error {
	const (
		signatureAt, signature = 0x40, 0xBEDA107F
		idAt                   = 0x188
	)
	var head [4]byte
	if _, err := f.ReadAt(head[:], signatureAt); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(head[:]) != signature {
		return errors.New("qemu-img made no vdi")
	}
	b := append(version4(ids.derive("vdi")), version4(ids.derive("vdi change"))...)
	_, err := f.WriteAt(b, idAt)
	return err
}

// patchVHD does the same for both footers of a Hyper-V disk, and fixes their time.
func patchVHD(f *os.File, ids Identity) error {
	const (
		size                    = 512
		timeAt, sumAt, uniqueAt = 0x18, 0x40, 0x44
	)
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	for _, at := range []int64{0, fi.Size() - size} {
		var b [size]byte
		if _, err := f.ReadAt(b[:], at); err != nil {
			return err
		}
		if string(b[:8]) != "conectix" {
			return errors.New("qemu-img made no vhd")
		}
		binary.BigEndian.PutUint32(b[timeAt:], 0) // seconds since 2000
		copy(b[uniqueAt:uniqueAt+16], version4(ids.derive("vhd")))
		binary.BigEndian.PutUint32(b[sumAt:], 0)
		var sum uint32
		for _, c := range b {
			sum += uint32(c)
		}
		binary.BigEndian.PutUint32(b[sumAt:], ^sum)
		if _, err := f.WriteAt(b[:], at); err != nil {
			return err
		}
	}
	return nil
}

// version4 makes a UUID such as hypervisors know of 16 bytes.
func version4(b []byte) []byte {
	b = b[:16:16]
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	return b
}
