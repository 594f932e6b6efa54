package rootfs

import (
	"context"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/proc"
)

// processClass is process 1 of a machine in a user namespace. It has the tag as
// its last argument.
func processClass() ledger.Class {
	return ledger.Class{
		Name:     "process",
		Volatile: true,
		Find: func(_ context.Context, tag string) (ids []string, err error) {
			found, err := proc.WithArgument(tag)
			for _, s := range found {
				ids = append(ids, s.ID())
			}
			return ids, err
		},
		Destroy: proc.Kill,
	}
}
