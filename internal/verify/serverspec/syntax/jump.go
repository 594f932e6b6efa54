package syntax

// jump reads what leaves a method or a block, yield and super.
func (p *parser) jump(l level) Node {
	pos, t := p.here(), p.tok
	p.advance()
	switch t.kind {
	case kRedo:
		return &Redo{pos}
	case kRetry:
		return &Retry{pos}
	case kReturn, kBreak, kNext:
		if t.kind == kReturn && p.scope.class {
			p.fail(t.off, "return in the body of a class or module")
		}
		return p.leave(t.kind, pos, l)
	case kYield:
		return p.yield(pos, l)
	}
	n := &Super{Pos: pos}
	switch {
	case p.tok.kind == tCallParen:
		n.Args = p.parenArgs()
	case l > operand && p.beginsArgument():
		n.Args = p.commandArgs()
		p.command = n
		if p.tok.kind == kDo && p.takesDo() {
			p.attach(n, p.doBlock())
			return p.afterDo(n, l)
		}
		return n
	default:
		n.Bare = true
	}
	return p.postfix(n, l, true)
}

func (p *parser) yield(pos Pos, l level) Node {
	n := &Yield{Pos: pos}
	switch {
	case p.tok.kind == tCallParen:
		n.Args = p.parenArgs()
	case l > operand && p.beginsArgument():
		n.Args = p.commandArgs()
		p.command = n
		return n
	}
	return p.postfix(n, l, false)
}

// leave reads return, break and next with their values.
func (p *parser) leave(k kind, pos Pos, l level) Node {
	var value Node
	isCommand := false
	if l > operand && p.beginsArgument() {
		args := p.arguments(tEOF, true)
		value = args[0]
		if _, splat := value.(*Splat); splat || len(args) > 1 {
			value = &Array{args[0].Position(), args}
		}
		if b, ok := args[len(args)-1].(*BlockPass); ok {
			p.problems = append(p.problems, Problem{b.Pos, "a block argument needs a method"})
		}
		isCommand = true
	}
	var n Node
	switch k {
	case kReturn:
		n = &Return{pos, value}
	case kBreak:
		n = &Break{pos, value}
	default:
		n = &Next{pos, value}
	}
	if isCommand {
		p.command = n
	}
	return n
}
