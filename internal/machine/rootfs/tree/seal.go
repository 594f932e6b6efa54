package tree

import (
	"context"
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Seal applies the rules to the tree below root, in which nothing runs and
// nothing is mounted. Links on the way to what a rule names are followed inside
// the tree, as the machine would; what it names is never followed.
func Seal(ctx context.Context, root string, rules []machine.SealRule) error {
	return errors.New("seal is not built yet")
}

// Residue returns what the rules find in the tree below root, which it does not
// change, sorted by rule and path.
func Residue(ctx context.Context, root string, rules []machine.SealRule) ([]machine.Residue, error) {
	return nil, errors.New("seal is not built yet")
}
