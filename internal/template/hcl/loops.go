package hcl

import (
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxLoops is how many elements all for expressions of a file may go over
// together: three nested loops over range(1000) would fill the memory.
const maxLoops = 1_000_000

// boundLoops makes the for expressions of a body count what they go over.
func boundLoops(body *hclsyntax.Body) {
	left := new(atomic.Int64)
	left.Store(maxLoops)
	// The visitor never has diagnostics.
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hcl.Diagnostics {
		if f, ok := n.(*hclsyntax.ForExpr); ok {
			f.CollExpr = counted{f.CollExpr, left}
		}
		return nil
	})
}

// counted is the collection of a for expression.
type counted struct {
	hclsyntax.Expression
	left *atomic.Int64
}

func (c counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := c.Expression.Value(ctx)
	plain, _ := v.Unmark()
	if diags.HasErrors() || !plain.IsKnown() || plain.IsNull() || !plain.CanIterateElements() {
		return v, diags
	}
	if c.left.Add(-int64(plain.LengthInt())) < 0 {
		r := c.Expression.Range()
		return cty.DynamicVal, append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError,
			Summary:  "Too many loops",
			Detail:   fmt.Sprintf("The for expressions of one file may go over %d elements.", maxLoops),
			Subject:  &r,
		})
	}
	return v, diags
}
