package syntax

import "fmt"

// kind is what a token is. Kinds that look alike are told apart by what stands before
// them and by spaces, in the way of Ruby's own lexer: "-" may be an operator or a sign,
// "[" an index or an array, "{" a block or a hash.
type kind uint8

const (
	tEOF kind = iota
	tNewline
	tSemicolon

	tIdent // also with the "=" of a method's name
	tFid   // name? and name!
	tConst
	tLabel // name:
	tIVar
	tGVar
	tCVar
	tNumber
	tChar // ?a

	tString
	tXString
	tRegexp
	tSymbol  // :name
	tDSymbol // :"name" and %s
	tWords   // %w %W %i %I
	tHeredoc

	tLParen    // begins an expression
	tLParenArg // does so after a name and a space
	tCallParen // directly behind a name
	tRParen
	tLBracket // begins an array
	tIndex    // behind a value
	tRBracket
	tLBrace // begins a hash
	tBlockBrace
	tRBrace
	tLambda // ->

	tDot
	tAndDot
	tColon2
	tColon3 // begins ::Name
	tColon
	tComma
	tQuestion
	tAssign
	tOpAssign
	tArrow // =>

	tStar  // splat
	tDStar // double splat
	tBlockAmp
	tUPlus
	tUMinus
	tUMinusNum // before a number
	tBang
	tTilde
	tBDot2 // a range without a beginning
	tBDot3

	tPow
	tMul
	tDiv
	tMod
	tPlus
	tMinus
	tShiftLeft
	tShiftRight
	tAmp
	tPipe
	tCaret
	tGreater
	tGreaterEq
	tLess
	tLessEq
	tCompare
	tEq
	tEqq
	tNotEq
	tMatch
	tNotMatch
	tAndAnd
	tOrOr
	tDot2
	tDot3

	tIndexName    // [] as a method's name
	tIndexSetName // []=
	tBacktick     // ` as a method's name

	kAlias
	kAnd
	kBegin
	kBeginBlock
	kBreak
	kCase
	kClass
	kDef
	kDefined
	kDo
	kElse
	kElsif
	kEnd
	kEndBlock
	kEnsure
	kEncoding
	kFalse
	kFile
	kFor
	kIf
	kIfMod
	kIn
	kLine
	kModule
	kNext
	kNil
	kNot
	kOr
	kRedo
	kRescue
	kRescueMod
	kRetry
	kReturn
	kSelf
	kSuper
	kThen
	kTrue
	kUndef
	kUnless
	kUnlessMod
	kUntil
	kUntilMod
	kWhen
	kWhile
	kWhileMod
	kYield
)

func (k kind) keyword() bool { return k >= kAlias }

// token is one word of the text. Strings, regular expressions and heredocs are only
// their opening: the parser reads on, because expressions stand in them.
type token struct {
	kind     kind
	off, end int
	space    bool   // white space before it
	text     string // a name without sigil or colon, the operator of tOpAssign, else as written
	quote    quote  // of what tString … tHeredoc open
	number   Node   // of tNumber
}

// quote says how the text of a literal is read and where it ends.
type quote struct {
	open, close byte // open is 0 where it does not nest
	expand      bool // escapes and interpolation
	regexp      bool
	words       bool // white space parts elements
	symbols     bool // %i, %I
	label       bool // may be a key: "a": 1
	heredoc     heredoc
}

// describe names a token in a message.
func (t token) describe(src string) string {
	switch t.kind {
	case tEOF:
		return "end of file"
	case tNewline:
		return "end of line"
	case tNumber:
		return "number " + src[t.off:t.end]
	case tString, tXString, tDSymbol, tWords, tHeredoc:
		return fmt.Sprintf("literal %s", src[t.off:t.end])
	case tRegexp:
		return "regular expression"
	}
	return fmt.Sprintf("%q", src[t.off:t.end])
}
