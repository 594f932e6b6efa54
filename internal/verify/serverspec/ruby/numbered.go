package ruby

import "github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"

// implicitParams is how many numbered parameters (_1 …) a block without parameters uses.
func (in *Interp) implicitParams(b *syntax.Block) int {
	n, ok := in.implicit[b]
	if !ok {
		n = implicitIn(b.Body)
		in.implicit[b] = n
	}
	return n
}

func numbered(name string) int {
	if len(name) == 2 && name[0] == '_' && name[1] >= '1' && name[1] <= '9' {
		return int(name[1] - '0')
	}
	return 0
}

// implicitIn looks for numbered parameters in an expression, but not in the blocks within
// it, which have their own.
func implicitIn(n syntax.Node) int {
	most := 0
	see := func(nodes ...syntax.Node) {
		for _, n := range nodes {
			if n != nil {
				most = max(most, implicitIn(n))
			}
		}
	}
	switch n := n.(type) {
	case *syntax.LocalVar:
		return numbered(n.Name)
	case *syntax.Call:
		if n.Recv == nil && len(n.Args) == 0 {
			most = numbered(n.Name)
		}
		see(n.Recv)
		see(n.Args...)
	case *syntax.Body:
		see(n.List...)
	case *syntax.Str:
		see(n.Parts...)
	case *syntax.XStr:
		see(n.Parts...)
	case *syntax.Sym:
		see(n.Parts...)
	case *syntax.Regexp:
		see(n.Parts...)
	case *syntax.Array:
		see(n.Elems...)
	case *syntax.Hash:
		for _, p := range n.Pairs {
			see(p.Key, p.Value)
		}
	case *syntax.Range:
		see(n.Lo, n.Hi)
	case *syntax.Const:
		see(n.Scope)
	case *syntax.Assign:
		see(n.Target, n.Value)
	case *syntax.OpAssign:
		see(n.Target, n.Value)
	case *syntax.MultiAssign:
		see(n.Value)
	case *syntax.Super:
		see(n.Args...)
	case *syntax.Yield:
		see(n.Args...)
	case *syntax.Splat:
		see(n.Value)
	case *syntax.BlockPass:
		see(n.Value)
	case *syntax.And:
		see(n.Left, n.Right)
	case *syntax.Or:
		see(n.Left, n.Right)
	case *syntax.Not:
		see(n.Value)
	case *syntax.Defined:
		see(n.Value)
	case *syntax.If:
		see(n.Cond, n.Then, n.Else)
	case *syntax.While:
		see(n.Cond, n.Body)
	case *syntax.For:
		see(n.In, n.Body)
	case *syntax.Case:
		see(n.Subject, n.Else)
		for _, w := range n.Whens {
			see(w.Conds...)
			see(w.Body)
		}
	case *syntax.Begin:
		see(n.Body, n.Else, n.Ensure)
		for _, r := range n.Rescues {
			see(r.Classes...)
			see(r.Body)
		}
	case *syntax.Return:
		see(n.Value)
	case *syntax.Break:
		see(n.Value)
	case *syntax.Next:
		see(n.Value)
	}
	return most
}
