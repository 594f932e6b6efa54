package ruby

// Array is an Array.
type Array struct {
	elems  []Value
	frozen bool
}

// NewArray makes an array that owns elems.
func NewArray(elems ...Value) *Array { return &Array{elems: elems} }

// Len is the number of elements.
func (a *Array) Len() int { return len(a.elems) }

// Elems is the elements; the slice belongs to the array.
func (a *Array) Elems() []Value { return a.elems }

// at is an element, counted from the end if i is negative; Nil outside.
func (a *Array) at(i int) Value {
	if i < 0 {
		i += len(a.elems)
	}
	if i < 0 || i >= len(a.elems) {
		return Nil{}
	}
	return a.elems[i]
}

func (a *Array) copyElems() []Value { return append([]Value(nil), a.elems...) }
