package disk

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// ids are the identifiers on a disk. They follow from the tree and the image's name, so
// that they are the same whenever the disk is made again, and differ from those of other
// images.
type ids struct {
	table, bios, esp, root string // of the GPT
	rootFS                 string
	fat                    uint32
}

func newIDs(t Tree, o Options) ids {
	seed := string(t.Digest) + "\x00" + o.Name
	return ids{
		table: uuid(seed, "table"), bios: uuid(seed, "bios"), esp: uuid(seed, "esp"), root: uuid(seed, "root"),
		rootFS: uuid(seed, "root file system"), fat: binary.BigEndian.Uint32(derive(seed, "fat")),
	}
}

// derive makes 32 bytes for a purpose.
func derive(seed, purpose string) []byte {
	sum := sha256.Sum256([]byte(seed + "\x00" + purpose))
	return sum[:]
}

// uuid is one of version 8, whose bits are ours to choose.
func uuid(seed, purpose string) string {
	b := derive(seed, purpose)[:16]
	b[6], b[8] = b[6]&0x0F|0x80, b[8]&0x3F|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// fatName is the FAT file system's identifier as GRUB and Linux write it.
func (i ids) fatName() string { return fmt.Sprintf("%04X-%04X", i.fat>>16, i.fat&0xFFFF) }
