package ruby

import (
	"encoding/binary"
	"iter"
	"math"
	"strings"
)

// Hash is a Hash: entries in the order in which their keys came.
type Hash struct {
	index    map[any]int // from a key's identity to its entry
	entries  []entry
	deleted  int
	def      Value
	defProc  *Proc
	frozen   bool
	identity bool // compare_by_identity
	keywords bool // stands for keyword arguments, on its way into a method
}

type entry struct {
	key, value Value // no key: deleted
}

// NewHash makes an empty hash.
func NewHash() *Hash { return &Hash{index: map[any]int{}} }

// Len is the number of entries.
func (h *Hash) Len() int { return len(h.entries) - h.deleted }

// The identities of keys that are no Go values to compare by themselves. Objects that
// define hash and eql? have one that [Interp.keyOf] makes.
type (
	stringKey string
	deepKey   string
	nanKey    struct{ p *float64 }
)

// identityOf is what tells a key from others, as eql? does. It is for keys that do not
// define that themselves.
func identityOf(v Value) any {
	switch v := v.(type) {
	case *String:
		return stringKey(v.String())
	case Int, Symbol, Nil, Bool:
		return v
	case Float:
		if math.IsNaN(float64(v)) {
			f := float64(v)
			return nanKey{&f}
		}
		return v
	case *Array, *Hash, *Big, *Range, *Regexp, *Time:
		var b strings.Builder
		deep(&b, v, 0)
		return deepKey(b.String())
	case *Object:
		if s, ok := v.Data.(*structData); ok {
			var b strings.Builder
			b.WriteString("S" + Int(v.class.id).String())
			for _, e := range s.values {
				deep(&b, e, 0)
			}
			return deepKey(b.String())
		}
		return v
	}
	return v
}

// maxKey is how many bytes of a key that is a structure tell it from others. One that
// contains itself twice would be written without end.
const maxKey = 4 << 20

// deep writes a value so that two that are eql? are written alike. What lies deeper than
// any real key, or beyond maxKey, is left out.
func deep(b *strings.Builder, v Value, depth int) {
	if depth > 50 || b.Len() > maxKey {
		return
	}
	text := func(kind byte, s string) {
		b.WriteByte(kind)
		b.Write(binary.AppendUvarint(nil, uint64(len(s))))
		b.WriteString(s)
	}
	switch v := v.(type) {
	case *String:
		text('s', v.String())
	case Symbol:
		text(':', string(v))
	case Int:
		text('i', v.String())
	case *Big:
		text('i', v.v.String())
	case Float:
		text('f', formatFloat(float64(v)))
	case Nil:
		b.WriteByte('n')
	case Bool:
		if v {
			b.WriteByte('t')
		} else {
			b.WriteByte('u')
		}
	case *Array:
		text('[', Int(len(v.elems)).String())
		for _, e := range v.elems {
			deep(b, e, depth+1)
		}
	case *Hash:
		text('{', Int(v.Len()).String())
		for k, e := range v.All() {
			deep(b, k, depth+1)
			deep(b, e, depth+1)
		}
	case *Range:
		b.WriteByte('r')
		deep(b, v.Lo, depth+1)
		deep(b, v.Hi, depth+1)
		deep(b, Bool(v.Exclusive), depth+1)
	case *Regexp:
		text('/', v.source+"/"+v.flagText())
	case *Time:
		text('T', Int(v.t.UnixNano()).String())
	case *Class:
		text('C', Int(v.id).String())
	case *Object:
		text('o', Int(v.id).String())
	case *Proc:
		text('p', Int(v.id).String())
	}
}

// hashedKey is the identity of an object that defines hash and eql?.
type hashedKey struct {
	hash  int64
	class *Class
}

// keyOf is a key's identity, also of objects that define hash themselves: two of a class
// with the same hash are the same key.
func (in *Interp) keyOf(h *Hash, v Value) (any, error) {
	o, ok := v.(*Object)
	if !ok || h.identity {
		return h.key(v), nil
	}
	if m := in.findMethod(in.dispatchClass(o), "hash"); m == nil || m.native != nil {
		return identityOf(v), nil
	}
	got, err := in.Call(o, "hash")
	if err != nil {
		return nil, err
	}
	if n, ok := got.(Int); ok {
		return hashedKey{int64(n), o.class}, nil
	}
	return identityOf(got), nil
}

func (h *Hash) key(v Value) any {
	if s, ok := v.(*String); ok && h.identity {
		return s
	}
	return identityOf(v)
}

// Get is the value of a key, without the hash's default.
func (h *Hash) Get(k Value) (Value, bool) { return h.get(h.key(k)) }

func (h *Hash) get(id any) (Value, bool) {
	if i, ok := h.index[id]; ok {
		return h.entries[i].value, true
	}
	return Nil{}, false
}

// Set adds an entry or changes the one with that key.
func (h *Hash) Set(k, v Value) { h.set(h.key(k), k, v) }

func (h *Hash) set(id any, k, v Value) {
	if i, ok := h.index[id]; ok {
		h.entries[i].value = v
		return
	}
	h.index[id] = len(h.entries)
	h.entries = append(h.entries, entry{k, v})
}

// Delete takes an entry out and gives its value.
func (h *Hash) Delete(k Value) (Value, bool) { return h.delete(h.key(k)) }

func (h *Hash) delete(id any) (Value, bool) {
	i, ok := h.index[id]
	if !ok {
		return Nil{}, false
	}
	v := h.entries[i].value
	h.entries[i] = entry{}
	delete(h.index, id)
	h.deleted++
	if h.Len() == 0 {
		h.entries, h.deleted = nil, 0
	}
	return v, true
}

// All gives the entries in order; those added meanwhile are not among them.
func (h *Hash) All() iter.Seq2[Value, Value] {
	return func(yield func(k, v Value) bool) {
		if h == nil {
			return
		}
		n := len(h.entries)
		for i := 0; i < n && i < len(h.entries); i++ {
			if e := h.entries[i]; e.key != nil && !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Symbol is the value of a Symbol key, or nil.
func (h *Hash) Symbol(name string) Value {
	if h == nil {
		return nil
	}
	if v, ok := h.Get(Symbol(name)); ok {
		return v
	}
	return nil
}

func (h *Hash) clear() { h.index, h.entries, h.deleted = map[any]int{}, nil, 0 }

func (h *Hash) clone() *Hash {
	n := NewHash()
	n.def, n.defProc, n.identity, n.keywords = h.def, h.defProc, h.identity, h.keywords
	for id, i := range h.index {
		n.index[id] = i
	}
	n.entries, n.deleted = append([]entry(nil), h.entries...), h.deleted
	return n
}

// replace takes over the entries of another.
func (h *Hash) replace(o *Hash) {
	c := o.clone()
	h.index, h.entries, h.deleted = c.index, c.entries, c.deleted
}

func (h *Hash) pairs() []Value {
	list := make([]Value, 0, h.Len())
	for k, v := range h.All() {
		list = append(list, NewArray(k, v))
	}
	return list
}

// hashSet is h[k] = v.
func (in *Interp) hashSet(h *Hash, k, v Value) error {
	id, err := in.keyOf(h, k)
	if err != nil {
		return err
	}
	in.bytes += 64
	h.set(id, k, v)
	return nil
}

// hashGet is h[k], with the default.
func (in *Interp) hashGet(h *Hash, k Value) (Value, error) {
	id, err := in.keyOf(h, k)
	if err != nil {
		return nil, err
	}
	if v, ok := h.get(id); ok {
		return v, nil
	}
	if h.defProc != nil {
		return in.Yield(h.defProc, h, k)
	}
	if h.def != nil {
		return h.def, nil
	}
	return Nil{}, nil
}
