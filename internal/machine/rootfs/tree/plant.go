package tree

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Plant puts files and links into a tree, unless one of them is there already.
func Plant(_ context.Context, dir string, a machine.Again) error {
	r, err := openRoot(dir)
	if err != nil {
		return fmt.Errorf("plant: %w", err)
	}
	defer r.Close()
	s := &sealer{root: r, apply: true}
	if err := s.again(a); err != nil {
		return fmt.Errorf("plant: %w", err)
	}
	return nil
}
