package syntax

// arguments reads the arguments of a call to close, which it leaves. Without
// parentheses close is tEOF: they end where no comma follows. Keys and values come
// last, as one Hash without braces; behind them only a block argument.
func (p *parser) arguments(close kind, allowCommand bool) []Node {
	var args []Node
	var pairs *Hash
	for p.tok.kind != close || close == tEOF {
		if p.tok.kind == tBlockAmp {
			args = append(args, p.blockArgument())
			if p.tok.kind == tComma {
				p.unexpected("nothing behind a block argument")
			}
			break
		}
		n, isPair := p.argument1(&pairs, close, allowCommand && len(args) == 0 && pairs == nil)
		if n != nil {
			if pairs != nil && !isPair {
				p.fail(p.tok.off, "argument behind keys and values")
			}
			args = append(args, n)
		}
		if c, ok := n.(*Call); ok && n == p.command && close != tEOF && c.Block != nil && !c.Block.Braces {
			p.fail(p.prevEnd-len("end"), "do-block of a call without parentheses inside parentheses")
		}
		if n == p.command && n != nil && !isPair {
			break
		}
		if p.tok.kind != tComma {
			break
		}
		p.advance()
		if close != tEOF {
			p.newlines()
		}
	}
	return args
}

// argument1 reads one argument. A pair goes into pairs, which is the argument itself
// when it is the first one.
func (p *parser) argument1(pairs **Hash, close kind, allowCommand bool) (n Node, isPair bool) {
	pos, t := p.here(), p.tok
	switch t.kind {
	case tStar:
		p.advance()
		return &Splat{pos, p.arg(operand)}, false
	case tBDot3:
		if p.forwards() && (p.src[p.pos:] != "" && p.peekClose()) {
			p.advance()
			return &Forward{pos}, false
		}
	case tDStar, tLabel:
		return p.addPair(pairs, pos, p.pair())
	}
	l := operand
	if allowCommand {
		l = argument
	}
	key := p.keyOrValue(l)
	if key.isKey {
		return p.addPair(pairs, pos, Pair{key.node, p.pairValue()})
	}
	if p.tok.kind == tArrow && key.node != p.command {
		p.advance()
		p.newlines()
		return p.addPair(pairs, pos, Pair{key.node, p.pairValue()})
	}
	p.voidValue(key.node)
	return key.node, false
}

// peekClose tells whether ")" follows the current token.
func (p *parser) peekClose() bool {
	for off := p.pos; off < len(p.src); off++ {
		if !isSpace(p.src[off]) {
			return p.src[off] == ')'
		}
	}
	return false
}

func (p *parser) addPair(pairs **Hash, pos Pos, pair Pair) (Node, bool) {
	if *pairs == nil {
		*pairs = &Hash{Pos: pos, Pairs: []Pair{pair}}
		return *pairs, true
	}
	(*pairs).Pairs = append((*pairs).Pairs, pair)
	return nil, true
}

func (p *parser) blockArgument() Node {
	b := &BlockPass{Pos: p.here()}
	p.advance()
	if p.beginsValue() {
		b.Value = p.arg(operand)
	} else if !p.method().anonymous {
		p.unexpected("")
	}
	return b
}

// key is an expression, or the symbol of "a": where isKey.
type key struct {
	node  Node
	isKey bool
}

// keyOrValue reads an argument or an element; a string with a colon directly behind it
// is a key, and the token behind the colon is the current one.
func (p *parser) keyOrValue(l level) key {
	if p.tok.kind != tString || !p.tok.quote.label {
		return key{p.arg(l), false}
	}
	p.stringKey = nil
	n := p.arg(l)
	isKey := p.isKey(n)
	p.stringKey = nil
	return key{n, isKey}
}

// pair reads key: value or **hash.
func (p *parser) pair() Pair {
	t, pos := p.tok, p.here()
	p.advance()
	if t.kind == tDStar {
		return Pair{nil, p.arg(operand)}
	}
	k := &Sym{pos, []Node{&Text{pos, t.text}}}
	switch p.tok.kind {
	case tComma, tRParen, tRBracket, tRBrace, tEOF, tNewline, tSemicolon, kEnd, kDo, kIfMod, kUnlessMod, kWhileMod,
		kUntilMod, kRescueMod, kAnd, kOr, kThen:
		return Pair{k, p.omitted(pos, t)}
	}
	return Pair{k, p.pairValue()}
}

// omitted is the value of {x:}.
func (p *parser) omitted(pos Pos, t token) Node {
	switch {
	case isConstant(t.text):
		return &Const{Pos: pos, Name: t.text}
	case p.numberedParam(t.text) || p.scope.has(t.text):
		return &LocalVar{pos, t.text}
	}
	if !assignableName(t.text) {
		p.fail(t.off, "key %s: needs a value", t.text)
	}
	return &Call{Pos: pos, Name: t.text}
}

func (p *parser) pairValue() Node {
	p.newlines()
	v := p.arg(operand)
	p.voidValue(v)
	return v
}
