package rootfs

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// BenchmarkTreeToDisk makes a qcow2 of the tree that PROOFMARK_BENCH_TREE names.
// PROOFMARK_BENCH_SIZE is the size of the disk.
func BenchmarkTreeToDisk(b *testing.B) {
	dir := os.Getenv("PROOFMARK_BENCH_TREE")
	if dir == "" {
		b.Skip("needs PROOFMARK_BENCH_TREE: a directory with a bootable tree")
	}
	o := disk.Options{Name: "bench", BIOS: true, UEFI: true, Consoles: []string{"ttyS0"}}
	if size := os.Getenv("PROOFMARK_BENCH_SIZE"); size != "" {
		var err error
		if o.Size, err = disk.ParseSize(size); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		used, err := diskUsage(dir)
		if err != nil {
			b.Fatal(err)
		}
		t := disk.Tree{Digest: "sha256:bench", Content: used, Entries: 10_000, Tar: func(ctx context.Context, w io.Writer) error {
			return tree.WriteTar(ctx, dir, w, tree.CaptureOptions{})
		}}
		out := b.TempDir()
		if err := disk.Write(b.Context(), t, o, disk.Form{Format: disk.QCOW2}, filepath.Join(out, "disk.qcow2")); err != nil {
			b.Fatal(err)
		}
	}
}
