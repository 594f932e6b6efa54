package ruby

import (
	"fmt"
	"math/big"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Call is one call of a method or block that is written in Go.
//
// The accessors that take an argument's number from 0 abort the call with Ruby's TypeError
// or ArgumentError when the argument is of another type. They do so by a panic that the
// Interp turns back into the error, so they are for use within the Func, on its goroutine.
type Call struct {
	In    *Interp
	Self  Value
	Name  string // by which it was called
	Args  []Value
	Block *Proc // nil: none
	Pos   syntax.Pos

	frame  *frame // of who calls
	method *Method
}

// abort carries an error of an argument accessor to the Interp.
type abort struct{ err error }

func (c *Call) fail(class, format string, args ...any) {
	panic(abort{c.In.Raise(class, format, args...)})
}

// Has tells whether there is an argument of that number.
func (c *Call) Has(i int) bool { return i < len(c.Args) }

// Arg is an argument, or Nil.
func (c *Call) Arg(i int) Value {
	if i < len(c.Args) {
		return c.Args[i]
	}
	return Nil{}
}

// Keywords takes the keyword arguments, or a hash that stands for them, off the end of
// Args; nil when there are none.
func (c *Call) Keywords() *Hash {
	if n := len(c.Args); n > 0 {
		if h, ok := c.Args[n-1].(*Hash); ok {
			c.Args = c.Args[:n-1]
			h.keywords = false
			return h
		}
	}
	return nil
}

// passed takes keyword arguments off only where they were written as such.
func (c *Call) passed() *Hash {
	if n := len(c.Args); n > 0 {
		if h, ok := c.Args[n-1].(*Hash); ok && h.keywords {
			return c.Keywords()
		}
	}
	return nil
}

// Str is an argument that must be a String.
func (c *Call) Str(i int) string { return c.str(c.Arg(i)).String() }

// str converts as Ruby does where it says "no implicit conversion": a String, or what has
// to_str.
func (c *Call) str(v Value) *String {
	if s, ok := v.(*String); ok {
		return s
	}
	if o, ok := v.(*Object); ok && c.In.findMethod(c.In.dispatchClass(o), "to_str") != nil {
		got, err := c.In.Call(o, "to_str")
		if err != nil {
			panic(abort{err})
		}
		if s, ok := got.(*String); ok {
			return s
		}
	}
	c.fail("TypeError", "no implicit conversion of %s into String", c.In.described(v))
	return nil
}

// OptStr is Str, or otherwise where there is no such argument or it is nil.
func (c *Call) OptStr(i int, otherwise string) string {
	if IsNil(c.Arg(i)) {
		return otherwise
	}
	return c.Str(i)
}

// NameArg is an argument that names something: a Symbol or String.
func (c *Call) NameArg(i int) string {
	switch v := c.Arg(i).(type) {
	case Symbol:
		return string(v)
	case *String:
		return v.String()
	default:
		c.fail("TypeError", "%s is not a symbol nor a string", c.In.inspectOr(v))
		return ""
	}
}

// Int is an argument that must be an Integer, or a Float that is cut off.
func (c *Call) Int(i int) int { return c.int(c.Arg(i)) }

func (c *Call) int(v Value) int {
	switch v := v.(type) {
	case Int:
		return int(v)
	case Float:
		if float64(v) > -9e18 && float64(v) < 9e18 {
			return int(v)
		}
		c.fail("RangeError", "float %s out of range of integer", formatFloat(float64(v)))
	case *Big:
		c.fail("RangeError", "bignum too big to convert into `long'")
	case Nil:
		c.fail("TypeError", "no implicit conversion from nil to integer")
	case Bool:
		c.fail("TypeError", "no implicit conversion of %v into Integer", v)
	}
	if o, ok := v.(*Object); ok && c.In.findMethod(c.In.dispatchClass(o), "to_int") != nil {
		got, err := c.In.Call(o, "to_int")
		if err != nil {
			panic(abort{err})
		}
		if n, ok := got.(Int); ok {
			return int(n)
		}
	}
	c.fail("TypeError", "no implicit conversion of %s into Integer", c.In.described(v))
	return 0
}

// OptInt is Int, or otherwise where there is no such argument or it is nil.
func (c *Call) OptInt(i, otherwise int) int {
	if IsNil(c.Arg(i)) {
		return otherwise
	}
	return c.Int(i)
}

// Float is an argument that must be a number.
func (c *Call) Float(i int) float64 {
	f, ok := toFloat(c.Arg(i))
	if !ok {
		c.fail("TypeError", "can't convert %s into Float", c.In.described(c.Arg(i)))
	}
	return f
}

// Array is an argument that must be an Array.
func (c *Call) Array(i int) *Array {
	v := c.Arg(i)
	if a, ok := v.(*Array); ok {
		return a
	}
	if o, ok := v.(*Object); ok && c.In.findMethod(c.In.dispatchClass(o), "to_ary") != nil {
		if got, err := c.In.Call(o, "to_ary"); err == nil {
			if a, ok := got.(*Array); ok {
				return a
			}
		}
	}
	c.fail("TypeError", "no implicit conversion of %s into Array", c.In.described(v))
	return nil
}

// Hash is an argument that must be a Hash.
func (c *Call) Hash(i int) *Hash {
	h, ok := c.Arg(i).(*Hash)
	if !ok {
		c.fail("TypeError", "no implicit conversion of %s into Hash", c.In.described(c.Arg(i)))
	}
	return h
}

// Class is an argument that must be a class or module.
func (c *Call) Class(i int) *Class {
	k, ok := c.Arg(i).(*Class)
	if !ok {
		c.fail("TypeError", "class or module required")
	}
	return k
}

// Yield calls the block.
func (c *Call) Yield(args ...Value) (Value, error) {
	if c.Block == nil {
		return nil, c.In.Raise("LocalJumpError", "no block given (yield)")
	}
	return c.In.Yield(c.Block, args...)
}

// YieldBody calls the block as if its statements stood in place of the call.
func (c *Call) YieldBody(args ...Value) (Value, error) {
	if c.Block == nil || c.Block.frame == nil {
		return c.Yield(args...)
	}
	return c.In.callProc(c.Block, args, nil, &rebind{self: c.Block.frame.self, target: c.Block.frame.target, tolerant: true})
}

// Text makes a string whose bytes count against the limits.
func (c *Call) Text(s string) *String {
	c.In.bytes += int64(len(s)) + 32
	return Str(s)
}

// List makes an array whose size counts against the limits.
func (c *Call) List(elems []Value) *Array {
	c.In.bytes += int64(len(elems))*16 + 32
	return NewArray(elems...)
}

// Enum is what a method gives that was called without the block it needs.
func (c *Call) Enum() (Value, error) { return c.In.newEnumerator(c.Self, c.Name, c.Args), nil }

// Call calls a public or private method from Go.
func (in *Interp) Call(recv Value, name string, args ...Value) (Value, error) {
	return in.CallBlock(recv, name, nil, args...)
}

// CallBlock is Call with a block.
func (in *Interp) CallBlock(recv Value, name string, block *Proc, args ...Value) (Value, error) {
	return in.send(in.top, recv, name, args, block, sendSelf)
}

// Responds tells whether v has a public method of that name, or says so itself by
// respond_to_missing?.
func (in *Interp) Responds(v Value, name string) (bool, error) { return in.responds(v, name, false) }

// Yield calls a block as yield does.
func (in *Interp) Yield(b *Proc, args ...Value) (Value, error) {
	return in.callProc(b, args, nil, nil)
}

// Exec calls a block with another self, as instance_exec does.
func (in *Interp) Exec(b *Proc, self Value, args ...Value) (Value, error) {
	target := in.singletonIfAny(self)
	return in.callProc(b, args, nil, &rebind{self: self, target: target})
}

// ClassExec calls a block with a class as self, whose methods def then defines, as
// class_exec does.
func (in *Interp) ClassExec(b *Proc, class *Class, args ...Value) (Value, error) {
	return in.callProc(b, args, nil, &rebind{self: class, target: class, class: true})
}

func (in *Interp) singletonIfAny(self Value) *Class {
	switch self.(type) {
	case *Object, *Class:
		return in.singletonClass(self)
	}
	return in.ClassOf(self)
}

// NewProc makes a block or lambda of Go code.
func (in *Interp) NewProc(min, max int, fn Func) *Proc {
	return &Proc{native: fn, min: min, max: max, lambda: true, id: in.nextID()}
}

// described is how messages about types speak of a value.
func (in *Interp) described(v Value) string {
	switch v := v.(type) {
	case Nil:
		return "nil"
	case Bool:
		return fmt.Sprint(bool(v))
	}
	return in.ClassOf(v).Name()
}

func toFloat(v Value) (float64, bool) {
	switch v := v.(type) {
	case Int:
		return float64(v), true
	case *Big:
		f, _ := new(big.Float).SetInt(v.v).Float64()
		return f, true
	case Float:
		return float64(v), true
	}
	return 0, false
}

// on makes a Func of one for a type of self.
func on[T Value](fn func(c *Call, self T) (Value, error)) Func {
	return func(c *Call) (Value, error) {
		self, ok := c.Self.(T)
		if !ok {
			return nil, c.In.Raise("TypeError", "wrong receiver for %s", c.Name)
		}
		return fn(c, self)
	}
}
