package build

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template"
)

// ReadData returns what reads data sources, as template.Options.Data wants it: for
// builds always, for validation when the user asks for it. Each call reads anew.
func (k Kit) ReadData(ctx context.Context) func(*template.Block) (cty.Value, error) {
	return func(b *template.Block) (cty.Value, error) {
		d, err := k.Data.Open(b, nil)
		if err != nil {
			return cty.NilVal, err
		}
		return d.Read(ctx)
	}
}
