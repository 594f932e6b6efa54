package disk

import (
	"context"
	"fmt"
	"strings"
)

const (
	sector = 512
	// Types of partitions.
	typeBIOS = "21686148-6449-6E6F-744E-656564454649"
	typeESP  = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
	typeRoot = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709" // of x86-64: what systemd-repart looks for

	biosSize  = mib
	espSize   = 64 * mib // the smallest that is FAT32 to everybody
	rootStart = mib + biosSize + espSize
)

// partition is a place on the disk, in bytes.
type partition struct{ start, size int64 }

// layout places the partitions. The one for a BIOS is always there, so that a disk for
// UEFI alone differs in nothing but what is in it. The last MiB holds the second table.
func (w *writer) layout() {
	w.bios = partition{mib, biosSize}
	w.esp = partition{mib + biosSize, espSize}
	w.root = partition{rootStart, w.Size/mib*mib - mib - rootStart}
}

// partitions writes the partition tables.
func (w *writer) partitions(ctx context.Context) error {
	var b strings.Builder
	fmt.Fprintf(&b, "label: gpt\nlabel-id: %s\nunit: sectors\n", w.ids.table)
	for _, p := range []struct {
		partition
		kind, id, name string
	}{
		{w.bios, typeBIOS, w.ids.bios, "bios"}, {w.esp, typeESP, w.ids.esp, "esp"}, {w.root, typeRoot, w.ids.root, "root"},
	} {
		fmt.Fprintf(&b, "start=%d, size=%d, type=%s, uuid=%s, name=%q\n", p.start/sector, p.size/sector, p.kind, p.id, p.name)
	}
	_, err := run(ctx, b.String(), nil, "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--wipe=never", w.file.Name())
	return err
}
