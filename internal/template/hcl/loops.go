package hcl

import (
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxLoops is how many elements a for expression and those inside it may go over
// and make together: three nested loops over range(1000) would fill the memory.
const maxLoops = 250_000

// boundLoops makes the for expressions below a node count what they go over.
func boundLoops(n hclsyntax.Node) {
	_ = hclsyntax.Walk(n, &loopBounder{}) // the walker never has diagnostics
}

type loopBounder struct {
	depth int
	left  *atomic.Int64 // of the outermost for expression at hand
}

func (b *loopBounder) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*hclsyntax.ForExpr); ok {
		if b.depth == 0 {
			b.left = new(atomic.Int64)
		}
		b.depth++
	}
	return nil
}

func (b *loopBounder) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if f, ok := n.(*hclsyntax.ForExpr); ok {
		b.depth--
		f.CollExpr = counted{inside(f.CollExpr), b.left, b.depth == 0}
		f.ValExpr = counted{inside(f.ValExpr), b.left, false}
	}
	return nil
}

// inside makes an expression a child node: whoever walks the tree for variables sees
// nothing of a node of a foreign type but its children.
func inside(x hclsyntax.Expression) hclsyntax.Expression {
	return &hclsyntax.ParenthesesExpr{Expression: x, SrcRange: x.Range()}
}

// counted is the collection of a for expression, or what it makes of an element.
type counted struct {
	hclsyntax.Expression
	left  *atomic.Int64
	outer bool // it begins to count anew
}

func (c counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if c.outer {
		c.left.Store(maxLoops)
	}
	v, diags := c.Expression.Value(ctx)
	if diags.HasErrors() || c.left.Add(-weight(v)) >= 0 {
		return v, diags
	}
	r := c.Expression.Range()
	return cty.DynamicVal, append(diags, &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Too many loops",
		Detail:   fmt.Sprintf("A for expression and those inside it may go over %d elements.", maxLoops),
		Subject:  &r,
	})
}

// weight is the number of elements of a value; a text counts by its length.
func weight(v cty.Value) int64 {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
		return 0
	case v.Type() == cty.String:
		return int64(len(v.AsString()) / 256)
	case v.CanIterateElements():
		return int64(v.LengthInt())
	}
	return 0
}
