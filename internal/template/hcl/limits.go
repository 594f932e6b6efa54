package hcl

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parser and the evaluator work by recursion, and a Go stack that overflows
// ends the process. These bounds keep them shallow on any input.
const (
	maxNesting   = 200   // brackets, templates
	maxOperators = 1_000 // in one argument or element
)

// checkNesting refuses what could make parsing or evaluation recurse without bound.
func checkNesting(name string, tokens hclsyntax.Tokens) hcl.Diagnostics {
	operators := []int{0} // for each open bracket
	var last hclsyntax.TokenType
	for _, t := range tokens {
		top := &operators[len(operators)-1]
		switch t.Type {
		case hclsyntax.TokenOBrack:
			if last == hclsyntax.TokenIdent || last == hclsyntax.TokenCBrack || last == hclsyntax.TokenCParen {
				*top++ // an index
			}
			operators = append(operators, 0)
		case hclsyntax.TokenTemplateControl:
			*top++
			operators = append(operators, 0)
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp,
			hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			operators = append(operators, 0)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen,
			hclsyntax.TokenTemplateSeqEnd, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			operators = operators[:max(1, len(operators)-1)]
		case hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar,
			hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr,
			hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenQuestion:
			*top++
		case hclsyntax.TokenEqual, hclsyntax.TokenComma:
			*top = 0 // a new argument or element: they do not nest in each other
		}
		last = t.Type
		switch {
		case len(operators) > maxNesting:
			return refuse(name, t.Range.Start.Byte, "Nested too deeply", "Brackets and templates may nest 200 levels deep.")
		case *top > maxOperators:
			return refuse(name, t.Range.Start.Byte, "Expression too large", "Split it up with locals.")
		}
	}
	return nil
}
