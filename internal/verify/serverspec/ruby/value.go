package ruby

import (
	"math/big"
)

// Value is a Ruby object: one of the types of this package. Values belong to the Interp
// that made them.
type Value interface{ isValue() }

type (
	// Nil is nil.
	Nil struct{}
	// Bool is true or false.
	Bool bool
	// Int is an Integer that fits a machine word; Big is any other.
	Int int64
	// Big is an Integer outside of Int's range.
	Big struct{ v *big.Int }
	// Float is a Float.
	Float float64
	// Symbol is a symbol, without its colon.
	Symbol string
)

// The two booleans.
const (
	True  = Bool(true)
	False = Bool(false)
)

// Object is an instance of any class whose values have no type of their own. Data is what
// a class that Go defines keeps in it.
type Object struct {
	class     *Class
	singleton *Class
	ivars     ivars
	frozen    bool
	id        int64
	Data      any
}

// Range is a..b, or a...b when Exclusive. An open end is Nil.
type Range struct {
	Lo, Hi    Value
	Exclusive bool
}

func (Nil) isValue()     {}
func (Bool) isValue()    {}
func (Int) isValue()     {}
func (*Big) isValue()    {}
func (Float) isValue()   {}
func (Symbol) isValue()  {}
func (*Object) isValue() {}
func (*Range) isValue()  {}
func (*String) isValue() {}
func (*Array) isValue()  {}
func (*Hash) isValue()   {}
func (*Regexp) isValue() {}
func (*Match) isValue()  {}
func (*Proc) isValue()   {}
func (*Class) isValue()  {}
func (*Time) isValue()   {}

// Truthy tells whether a condition holds: all but nil and false do.
func Truthy(v Value) bool {
	switch v := v.(type) {
	case Nil:
		return false
	case Bool:
		return bool(v)
	}
	return true
}

// IsNil tells whether v is nil, Ruby's or Go's.
func IsNil(v Value) bool {
	_, ok := v.(Nil)
	return ok || v == nil
}

// Integer is the Integer of any size.
func Integer(n *big.Int) Value {
	if n.IsInt64() {
		return Int(n.Int64())
	}
	return &Big{n}
}

// bigOf is an Integer's value, whatever its size.
func bigOf(v Value) (*big.Int, bool) {
	switch v := v.(type) {
	case Int:
		return big.NewInt(int64(v)), true
	case *Big:
		return v.v, true
	}
	return nil, false
}

// ivars are instance variables in the order in which they were first assigned.
type ivars struct {
	names []string
	vals  []Value
}

func (iv *ivars) get(name string) (Value, bool) {
	for i, n := range iv.names {
		if n == name {
			return iv.vals[i], true
		}
	}
	return Nil{}, false
}

func (iv *ivars) set(name string, v Value) {
	for i, n := range iv.names {
		if n == name {
			iv.vals[i] = v
			return
		}
	}
	iv.names = append(iv.names, name)
	iv.vals = append(iv.vals, v)
}

func (iv *ivars) remove(name string) (Value, bool) {
	for i, n := range iv.names {
		if n == name {
			v := iv.vals[i]
			iv.names = append(iv.names[:i:i], iv.names[i+1:]...)
			iv.vals = append(iv.vals[:i:i], iv.vals[i+1:]...)
			return v, true
		}
	}
	return Nil{}, false
}

func (iv *ivars) clone() ivars {
	return ivars{append([]string(nil), iv.names...), append([]Value(nil), iv.vals...)}
}

// NewObject makes an instance of class without calling initialize.
func (in *Interp) NewObject(class *Class, data any) *Object {
	return &Object{class: class, id: in.nextID(), Data: data}
}

// Class is the class that the object was made from; never a singleton class.
func (o *Object) Class() *Class { return o.class }

// IVar reads an instance variable (its name with the @) of an object or class; Nil when
// it is not set.
func (in *Interp) IVar(v Value, name string) Value {
	if iv := in.ivarsOf(v); iv != nil {
		got, _ := iv.get(name)
		return got
	}
	return Nil{}
}

// SetIVar sets an instance variable of an object or class; other values have none.
func (in *Interp) SetIVar(v Value, name string, value Value) {
	if iv := in.ivarsOf(v); iv != nil {
		iv.set(name, value)
	}
}

func (in *Interp) ivarsOf(v Value) *ivars {
	switch v := v.(type) {
	case *Object:
		return &v.ivars
	case *Class:
		return &v.ivars
	}
	return nil
}
