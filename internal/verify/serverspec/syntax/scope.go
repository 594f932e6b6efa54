package syntax

// scope has the variables of a file, a definition or a block; a block sees those
// around it.
type scope struct {
	outer    *scope
	block    bool
	def      bool // in a method's body
	class    bool
	forward  bool // the method has the parameter ...
	names    map[string]bool
	params   bool // of a block: it has parameters of its own
	numbered int  // the highest of _1 … _9 in use
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
		s.class = s.outer.class
	}
	p.scope = s
	return func() { p.scope = s.outer }
}

// inDef tells whether the text is in a method's body.
func (p *parser) inDef() bool { return p.scope.def }

// forwards tells whether the method has the parameter "...".
func (p *parser) forwards() bool {
	s := p.scope
	for s.block && s.outer != nil {
		s = s.outer
	}
	return s.forward
}

// numberedParam tells whether name is _1 … _9 in a block without parameters, and
// notes its use.
func (p *parser) numberedParam(name string) bool {
	if len(name) != 2 || name[0] != '_' || name[1] < '1' || name[1] > '9' || !p.scope.block || p.scope.params {
		return false
	}
	n := int(name[1] - '0')
	for i := p.scope.numbered + 1; i <= n; i++ {
		p.scope.declare("_" + string(rune('0'+i)))
	}
	p.scope.numbered = max(p.scope.numbered, n)
	return true
}
