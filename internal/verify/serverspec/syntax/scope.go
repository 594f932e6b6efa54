package syntax

// scope has the variables of a file, a definition or a block; a block sees those
// around it.
type scope struct {
	outer     *scope
	block     bool
	def       bool // in a method's body
	class     bool
	forward   bool // the method has the parameter ...
	anonymous bool // it has the parameter & without a name
	names     map[string]bool
	params    bool // of a block: it has parameters of its own
	numbered  int  // the highest of _1 … _9 in use
	inner     bool // a block inside uses them
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
		if !s.block {
			return false
		}
	}
	return false
}

func (s *scope) declare(name string) {
	if s.names == nil {
		s.names = map[string]bool{}
	}
	s.names[name] = true
}

// open begins a scope, and what it returns ends it.
func (p *parser) open(s *scope) func() {
	s.outer = p.scope
	if s.block {
		s.def = s.outer.def
	}
	p.scope = s
	return func() { p.scope = s.outer }
}

// inDef tells whether the text is in a method's body.
func (p *parser) inDef() bool { return p.scope.def }

// forwards tells whether the method has the parameter "...".
func (p *parser) forwards() bool {
	return p.method().forward
}

// method is the scope around all blocks.
func (p *parser) method() *scope {
	s := p.scope
	for s.block {
		s = s.outer
	}
	return s
}

// isNumbered tells whether name is one of _1 … _9.
func isNumbered(name string) bool {
	return len(name) == 2 && name[0] == '_' && '1' <= name[1] && name[1] <= '9'
}

// numberedParam tells whether name is _1 … _9 in a block, and notes its use. Only one of
// the blocks inside each other may have them.
func (p *parser) numberedParam(name string) bool {
	s := p.scope
	if !isNumbered(name) || !s.block {
		return false
	}
	if s.params {
		p.fail(p.tok.off, "%s in a block that has parameters of its own", name)
	}
	for outer := s.outer; s.numbered == 0 && outer != nil; outer = outer.outer {
		if outer.numbered > 0 {
			s.inner = true
		}
		outer.inner = true
		if !outer.block {
			break
		}
	}
	if s.inner {
		p.fail(p.tok.off, "%s in a block, and in one around it", name)
	}
	n := int(name[1] - '0')
	for i := p.scope.numbered + 1; i <= n; i++ {
		p.scope.declare("_" + string(rune('0'+i)))
	}
	p.scope.numbered = max(p.scope.numbered, n)
	return true
}
