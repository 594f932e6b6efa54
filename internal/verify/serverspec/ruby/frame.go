package ruby

import "github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"

// scope holds local variables; a block's scope sees those around it.
type scope struct {
	names  []string
	vals   []Value
	parent *scope
}

func (s *scope) lookup(name string) *Value {
	for ; s != nil; s = s.parent {
		for i := len(s.names) - 1; i >= 0; i-- {
			if s.names[i] == name {
				return &s.vals[i]
			}
		}
	}
	return nil
}

func (s *scope) get(name string) (Value, bool) {
	if v := s.lookup(name); v != nil {
		return *v, true
	}
	return Nil{}, false
}

func (s *scope) set(name string, v Value) {
	if at := s.lookup(name); at != nil {
		*at = v
		return
	}
	s.declare(name, v)
}

// declare makes a variable of this very scope: parameters hide what is around them.
func (s *scope) declare(name string, v Value) {
	for i, n := range s.names {
		if n == name {
			s.vals[i] = v
			return
		}
	}
	s.names = append(s.names, name)
	s.vals = append(s.vals, v)
}

// lexical is where in the text code stands, for constants: the innermost class or module
// around it, and so on outwards. The outermost is nil, which stands for Object.
type lexical struct {
	class  *Class
	parent *lexical
}

// activation is one run of a method, class body or file; blocks share that of the code
// around them.
type activation struct {
	method *Method // nil in files and class bodies
	args   []Value // as given, for super without arguments
	params *syntax.Params
	scope  *scope
	block  *Proc
	match  Value // $~
	// What private, public, protected and module_function without arguments set.
	visibility visibility
	moduleFunc bool
}

// frame is what evaluating an expression needs. Blocks and loops copy it.
type frame struct {
	self     Value
	scope    *scope
	act      *activation
	lex      *lexical
	target   *Class // of def
	brk      *breakTag
	ret      *returnTag
	implicit []Value // what a block without parameters was given, for _1
	label    string  // in backtraces
	file     *syntax.File
	tolerant syntax.Node // the body whose statements may fail each for itself: see Interp.Tolerate
}

func (f *frame) class(in *Interp) *Class {
	if f.lex != nil {
		return f.lex.class
	}
	return in.Object
}
