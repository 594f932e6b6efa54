package json

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Write gives the text of a value that Parse read from src and a program may have
// changed since: what was not changed keeps its form, comments too. Trailing
// commas and what repeated names hid are left out.
func Write(src []byte, n *Node) []byte {
	w := &writer{src: src}
	w.write(string(src[:n.Off]))
	w.value(n)
	w.write(string(src[n.End:]))
	return w.Bytes()
}

type writer struct {
	bytes.Buffer
	src []byte
}

func (w *writer) write(s string) { w.Buffer.WriteString(s) }

// text is a part of the source; a part that does not exist is empty.
func (w *writer) text(from, to int) string {
	if from < 0 || to > len(w.src) || from > to {
		return ""
	}
	return string(w.src[from:to])
}

func (w *writer) value(n *Node) {
	switch {
	case n.Kind == Array:
		w.list(n)
	case n.Kind == Object:
		w.object(n)
	case n.Fresh:
		w.scalar(n)
	default:
		w.write(w.text(n.Off, n.End))
	}
}

func (w *writer) scalar(n *Node) {
	switch n.Kind {
	case Null:
		w.write("null")
	case String:
		w.write(quote(n.Text))
	default:
		w.write(n.Text)
	}
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string
	return strings.TrimSuffix(b.String(), "\n")
}

func (w *writer) list(n *Node) {
	w.write("[")
	for i, e := range n.Elems {
		if i > 0 {
			w.write(",")
		}
		if e.Fresh {
			w.write(lead(i > 0, ""))
			w.value(e)
			continue
		}
		w.write(w.text(e.From, e.Off))
		w.value(e)
		w.trail(n, e)
	}
	w.write(w.tail(n) + "]")
}

func (w *writer) object(n *Node) {
	w.write("{")
	space := ""
	for i, m := range n.Members {
		if i > 0 {
			w.write(",")
		}
		v := m.Value
		if m.Fresh {
			w.write(lead(i > 0, space) + quote(m.Name) + ": ")
			w.value(v)
			continue
		}
		if before := w.text(v.From, m.Off); strings.TrimSpace(before) == "" {
			space = before
		}
		end := w.nameEnd(m.Off)
		w.write(w.text(v.From, m.Off) + quoteName(m.Name, w.text(m.Off, end)) + w.text(end, v.Off))
		w.value(v)
		w.trail(n, v)
	}
	w.write(w.tail(n) + "}")
}

// lead is the space before what a program put in: that of its neighbour.
func lead(notFirst bool, space string) string {
	if space == "" && notFirst {
		return " "
	}
	return space
}

// trail writes what stands between an element and the comma after it.
func (w *writer) trail(n, e *Node) {
	if e.End != n.LastEnd {
		w.write(w.text(e.End, e.To))
	}
}

// tail is what stands between the last element and the closing bracket, but for a comma.
func (w *writer) tail(n *Node) string {
	if n.Fresh {
		return ""
	}
	if n.LastTo == 0 {
		return w.text(n.Off+1, n.End-1)
	}
	return w.text(n.LastEnd, n.LastTo) + w.text(n.LastTo+1, n.End-1)
}

// nameEnd is the offset after the closing quote of a name.
func (w *writer) nameEnd(off int) int {
	for i := off + 1; i < len(w.src); i++ {
		switch w.src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(w.src)
}

// quoteName keeps the form of a name that was not changed.
func quoteName(name, was string) string {
	p := &parser{src: []byte(was)}
	if len(was) > 1 && p.str() == name {
		return was
	}
	return quote(name)
}
