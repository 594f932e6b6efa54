package ledger_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// A resource costs two syncs, or none when it ends with the kernel.
func BenchmarkCreateDestroy(b *testing.B) {
	for name, volatile := range map[string]bool{"durable": false, "volatile": true} {
		b.Run(name, func(b *testing.B) {
			l, err := ledger.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			s := l.Scope("run", "toy", nil)
			y := &toys{dir: b.TempDir()}
			c := y.class("a")
			c.Volatile = volatile
			for b.Loop() {
				id, err := s.Create(b.Context(), c, y.create("a"))
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Destroy(b.Context(), id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
