package json

import (
	"bytes"
	"fmt"
)

// comma handles what may follow an element: true when another one begins.
func (p *parser) comma(open int, closing byte, what string) bool {
	p.space()
	p.to = p.off
	switch c := p.peek(); {
	case p.failed:
		return false
	case p.off == len(p.src):
		p.fail(open, fmt.Sprintf("%s is not closed before the end of the file", what), fmt.Sprintf("add %q", closing))
		return false
	case c == closing:
		p.off++
		return false
	case c != ',':
		p.fail(p.off, fmt.Sprintf("a comma or %q is expected here, not %s", closing, p.here()), "")
		return false
	}
	at := p.off
	p.off++
	p.from = p.off
	p.space()
	if !p.failed && p.peek() == closing && p.off < len(p.src) {
		p.warn(at, fmt.Sprintf("comma before %q", closing), "Packer refuses it: remove it")
		p.off++
		return false
	}
	return !p.failed
}

func (p *parser) array(n *Node, depth int) {
	open := p.off
	p.off++
	p.from = p.off
	p.space()
	if p.peek() == ']' {
		p.off++
		return
	}
	for more := !p.failed; more; {
		from := p.from
		v := p.value(depth + 1)
		if p.failed {
			return
		}
		n.Elems = append(n.Elems, v)
		more = p.comma(open, ']', "list")
		v.From, v.To = from, p.to
		n.LastEnd, n.LastTo = v.End, v.To
	}
}

func (p *parser) object(n *Node, depth int) {
	open := p.off
	p.off++
	p.from = p.off
	p.space()
	if p.peek() == '}' {
		p.off++
		return
	}
	at := map[string]int{}
	for more := !p.failed; more; {
		from := p.from
		m := p.member(open, depth)
		if p.failed {
			return
		}
		more = p.comma(open, '}', "object")
		m.Value.From, m.Value.To = from, p.to
		n.LastEnd, n.LastTo = m.Value.End, m.Value.To
		if i, again := at[m.Name]; again {
			p.again(n.Members[i], m)
			n.Members[i] = m
			continue
		}
		at[m.Name] = len(n.Members)
		n.Members = append(n.Members, m)
	}
}

func (p *parser) member(open, depth int) Member {
	m := Member{Off: p.off}
	if p.peek() != '"' {
		if p.off == len(p.src) {
			p.fail(open, "object is not closed before the end of the file", "add '}'")
		} else {
			p.fail(p.off, fmt.Sprintf("a name in double quotes is expected here, not %s", p.here()), "")
		}
		return m
	}
	m.Name = p.str()
	p.space()
	if p.failed {
		return m
	}
	if p.peek() != ':' {
		p.fail(p.off, fmt.Sprintf("a colon is expected after the name %q, not %s", clip(m.Name), p.here()), "")
		return m
	}
	p.off++
	p.space()
	if !p.failed {
		m.Value = p.value(depth + 1)
	}
	return m
}

func (p *parser) again(first, next Member) {
	if len(p.notes) >= maxWarnings {
		return
	}
	line := 1 + bytes.Count(p.src[:first.Off], []byte("\n"))
	p.warn(next.Off, fmt.Sprintf("%q is given again", clip(next.Name)), fmt.Sprintf("the first is in line %d; the last one counts", line))
}
