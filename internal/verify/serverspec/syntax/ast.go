package syntax

import (
	"fmt"
	"math/big"
)

// Pos is a place in a file. Lines and columns count from 1, columns in characters.
type Pos struct {
	File   string
	Line   int
	Column int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Position gives every node that embeds a Pos its place.
func (p Pos) Position() Pos { return p }

// Node is an expression; in Ruby everything is one. A nil Node is an empty body, or
// a part that the text leaves out.
type Node interface{ Position() Pos }

// File is what Parse makes of one file.
type File struct {
	Name string
	Body Node   // nil for an empty file
	Data string // what follows __END__
}

// Body is a sequence of expressions, whose value is the last one's.
type Body struct {
	Pos
	List []Node
}

// Literals.
type (
	Nil   struct{ Pos }
	True  struct{ Pos }
	False struct{ Pos }
	Self  struct{ Pos }
	Int   struct {
		Pos
		Value *big.Int
	}
	Float struct {
		Pos
		Value float64
	}
	// Str is a string: quoted, %q, %Q, a heredoc, a character such as ?a, or several of
	// them side by side. Parts are Text, and any expression for what is interpolated;
	// a string without parts is empty.
	Str struct {
		Pos
		Parts []Node
	}
	// Text is a piece of a string, with its escapes resolved. In a Regexp they are as
	// written, because they are the pattern's.
	Text struct {
		Pos
		Value string
	}
	// XStr is a command in backticks or %x.
	XStr struct {
		Pos
		Parts []Node
	}
	// Sym is a symbol; its parts are like those of Str.
	Sym struct {
		Pos
		Parts []Node
	}
	// Regexp is a regular expression. As a condition it is the receiver of a Call of =~
	// on $_. Where it has no interpolation and is the receiver of =~, its named groups
	// are variables that the match sets: they are LocalVars in the text behind.
	Regexp struct {
		Pos
		Parts []Node
		Flags string // of "imxounse", as written
	}
	// Array is an array, also of %w, %W, %i and %I, and the right side of a, b = 1, 2.
	Array struct {
		Pos
		Elems []Node // Splat among them
	}
	// Hash is a hash. Without Braces it stands as the last argument of a call.
	Hash struct {
		Pos
		Pairs  []Pair
		Braces bool
	}
	// Pair is an entry of a Hash. **x has no Key; the Value of {x:} is the variable or
	// the call x.
	Pair struct {
		Key, Value Node
	}
	// Range is lo..hi, or lo...hi if Exclusive. Either end may be nil.
	Range struct {
		Pos
		Lo, Hi    Node
		Exclusive bool
	}
)

// Names. LocalVar is a name that was assigned before, in the way that Ruby decides
// it: by the text above. Any other bare name is a Call.
type (
	LocalVar struct {
		Pos
		Name string
	}
	// IVar, GVar and CVar have their sigils in Name: @a, $a, @@a. GVar also stands for
	// $1 and $~.
	IVar struct {
		Pos
		Name string
	}
	GVar struct {
		Pos
		Name string
	}
	CVar struct {
		Pos
		Name string
	}
	// Const is A, Scope::A, or ::A if Top.
	Const struct {
		Pos
		Scope Node
		Top   bool
		Name  string
	}
)

// Assignments. Targets are LocalVar, IVar, GVar, CVar, Const, a Call without block
// (an attribute's name is without "=", an element's is "[]"), Splat (its Value a
// target or nil) and Targets.
type (
	Assign struct {
		Pos
		Target, Value Node
	}
	// OpAssign is a += 1, a ||= 1; Op is "+", "||" and so on.
	OpAssign struct {
		Pos
		Target Node
		Op     string
		Value  Node
	}
	MultiAssign struct {
		Pos
		Targets *Targets
		Value   Node // an Array when several stand there
	}
	Targets struct {
		Pos
		List []Node
	}
)

// Calls.
type (
	// Call is a method call, also of operators ("+", "[]", "-@", "!", "=~", "!=", "==="),
	// and of a bare name that is no variable.
	Call struct {
		Pos           // of the name or operator
		Recv   Node   // nil: self
		Safe   bool   // &.
		Name   string // "call" for x.()
		Args   []Node // Splat, BlockPass (last), a Hash without braces (last) among them
		Parens bool   // tells a() from a
		Block  *Block
	}
	Super struct {
		Pos
		Args  []Node
		Bare  bool // without arguments and parentheses: passes on what the method was given
		Block *Block
	}
	Yield struct {
		Pos
		Args []Node
	}
	Splat struct {
		Pos
		Value Node // nil for a bare *
	}
	// BlockPass is &x; without Value it passes on an anonymous block.
	BlockPass struct {
		Pos
		Value Node
	}
	// Forward is the argument ..., which passes on what the parameter ... took.
	Forward struct{ Pos }
	// Block is { } or do end after a call, or a lambda's body.
	Block struct {
		Pos
		Params   *Params // nil: none written
		Locals   []string
		Body     Node
		Braces   bool
		Numbered int // the highest of _1 … _9, which are LocalVars in it
	}
	// Lambda is ->(x) { }.
	Lambda struct {
		Pos
		Block *Block
	}
)

// ParamKind is what a parameter takes.
type ParamKind int

const (
	Required    ParamKind = iota // a; after a Rest: taken from the end
	Optional                     // a = 1
	Rest                         // *a
	Keyword                      // a: 1, or a: without Default
	KeywordRest                  // **a; **nil has the name "nil"
	BlockParam                   // &a
	Destructure                  // (a, b): Pattern
)

type Params struct {
	Pos
	List    []Param
	Forward bool // (...)
	// TrailingComma tells |a,| from |a|: the first takes an array apart.
	TrailingComma bool
}

type Param struct {
	Pos
	Name    string // empty for a bare * or **
	Kind    ParamKind
	Default Node
	Pattern *Targets
}

// Logic and flow.
type (
	And struct {
		Pos
		Left, Right Node
	}
	Or struct {
		Pos
		Left, Right Node
	}
	// Not is !x and not x.
	Not struct {
		Pos
		Value Node
	}
	Defined struct {
		Pos
		Value Node
	}
	// If is if, unless (its branches exchanged), the modifiers, and a ? b : c.
	If struct {
		Pos
		Cond, Then, Else Node
	}
	// While loops while Cond is true, or false if Until. DoWhile runs the body first.
	While struct {
		Pos
		Cond, Body Node
		Until      bool
		DoWhile    bool
	}
	For struct {
		Pos
		Target, In, Body Node // Target as in Assign, or Targets
	}
	Case struct {
		Pos
		Subject Node // nil: each condition stands for itself
		Whens   []When
		Else    Node
	}
	When struct {
		Pos
		Conds []Node // Splat among them
		Body  Node
	}
	// Begin is begin … end, and any body that has a rescue, else or ensure.
	Begin struct {
		Pos
		Keyword bool // written with begin
		Body    Node
		Rescues []Rescue
		Else    Node
		Ensure  Node
	}
	// Rescue with no Classes takes StandardError.
	Rescue struct {
		Pos
		Classes []Node
		Target  Node // nil without =>
		Body    Node
	}
	Return struct {
		Pos
		Value Node // an Array when several stand there
	}
	Break struct {
		Pos
		Value Node
	}
	Next struct {
		Pos
		Value Node
	}
	Redo  struct{ Pos }
	Retry struct{ Pos }
)

// Definitions.
type (
	Def struct {
		Pos
		Singleton Node // self in def self.a
		Name      string
		Params    *Params
		Body      Node
	}
	Class struct {
		Pos
		Name  *Const
		Super Node
		Body  Node
	}
	// SingletonClass is class << x.
	SingletonClass struct {
		Pos
		Value, Body Node
	}
	Module struct {
		Pos
		Name *Const
		Body Node
	}
	Alias struct {
		Pos
		New, Old string
	}
	Undef struct {
		Pos
		Names []string
	}
)

// Words that stand for something of the file.
type (
	FileName struct{ Pos } // __FILE__
	LineNo   struct{ Pos } // __LINE__
	Encoding struct{ Pos } // __ENCODING__
)

// Flip is a..b as a condition, EndBlock is END { } and BEGIN { }, CaseIn is pattern
// matching, also x => y and x in y, without its patterns. They are read so that they can
// be named.
type (
	Flip struct {
		Pos
		Lo, Hi    Node
		Exclusive bool
	}
	EndBlock struct {
		Pos
		Begin bool
		Body  Node
	}
	CaseIn struct {
		Pos
		Subject Node
	}
)
