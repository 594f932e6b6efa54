package ruby

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// ErrOpen is what a World or a method written in Go returns when the answer is not known
// yet. It ends the evaluation up to whoever called in from Go; no rescue and no ensure of
// the spec runs.
var ErrOpen = errors.New("the answer is not known yet")

// Unsupported names a construct, method or constant that real Ruby has and this one has
// not. Specs cannot rescue it.
type Unsupported struct {
	Pos       syntax.Pos
	Construct string
}

func (e *Unsupported) Error() string {
	return fmt.Sprintf("%s: %s is outside of the Ruby that Proofmark runs", e.Pos, e.Construct)
}

// Exhausted says that a spec reached a limit. Specs cannot rescue it.
type Exhausted struct {
	Pos  syntax.Pos
	What string // such as "100000000 steps"
}

func (e *Exhausted) Error() string {
	return fmt.Sprintf("%s: the spec went beyond %s", e.Pos, e.What)
}

// Raise is a Ruby exception on its way.
type Raise struct {
	Exception *Object
	in        *Interp
}

// Frame is one line of a backtrace.
type Frame struct {
	Pos   syntax.Pos
	Label string // as Ruby prints it: <main>, block in each, name
}

func (f Frame) String() string {
	return fmt.Sprintf("%s:%d:in `%s'", f.Pos.File, f.Pos.Line, f.Label)
}

// exception is the Data of an exception's Object.
type exception struct {
	message   Value // Nil: the class's name
	backtrace []Frame
	lines     *Array // a backtrace that the spec set itself
	cause     Value
	extra     map[string]Value // key, receiver, name, status …
}

func (r *Raise) Error() string {
	at := ""
	if b := r.Backtrace(); len(b) > 0 {
		at = b[0].Pos.String() + ": "
	}
	return at + r.ClassName() + ": " + r.Message()
}

// ClassName is the name of the exception's class.
func (r *Raise) ClassName() string { return r.Exception.class.Name() }

// IsA tells whether the exception is of that class, by name, or below it.
func (r *Raise) IsA(class string) bool {
	for _, c := range r.in.ancestors(r.Exception.class) {
		if c.Name() == class {
			return true
		}
	}
	return false
}

// Message is what Exception#message gives. If that itself raises, it is the class's name.
func (r *Raise) Message() string {
	v, err := r.in.Call(r.Exception, "message")
	if err == nil {
		if s, ok := v.(*String); ok {
			return s.String()
		}
	}
	return r.ClassName()
}

// Backtrace is where it was raised, innermost first.
func (r *Raise) Backtrace() []Frame { return exceptionOf(r.Exception).backtrace }

// Cause is the exception that was being handled when this one was raised, or nil.
func (r *Raise) Cause() *Raise {
	if o, ok := exceptionOf(r.Exception).cause.(*Object); ok {
		return &Raise{o, r.in}
	}
	return nil
}

func exceptionOf(o *Object) *exception {
	if e, ok := o.Data.(*exception); ok {
		return e
	}
	return &exception{message: Nil{}, cause: Nil{}}
}

// Raise makes an exception of the class with that name, as `raise Class, message` does.
// The names are those of Ruby's own classes or of constants of Object.
func (in *Interp) Raise(class, format string, args ...any) error {
	c, _ := in.Object.consts[class].(*Class)
	if c == nil {
		c = in.StandardError
	}
	return in.RaiseClass(c, format, args...)
}

// RaiseClass is Raise for a class at hand.
func (in *Interp) RaiseClass(class *Class, format string, args ...any) error {
	return in.raiseWith(class, nil, format, args...)
}

func (in *Interp) raiseWith(class *Class, extra map[string]Value, format string, args ...any) error {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	o := in.NewObject(class, &exception{message: Str(text), cause: Nil{}, extra: extra})
	return in.raiseObject(o)
}

// raiseObject sends an exception on its way, with backtrace and cause unless it has them.
func (in *Interp) raiseObject(o *Object) error {
	e := exceptionOf(o)
	if e.backtrace == nil {
		e.backtrace = in.backtrace()
	}
	if IsNil(e.cause) && len(in.handling) > 0 {
		if h := in.handling[len(in.handling)-1]; h != o {
			e.cause = h
		}
	}
	return &Raise{o, in}
}

func (in *Interp) unsupported(construct string) error {
	return &Unsupported{in.pos, construct}
}

// The ways out of a piece of code that are no exceptions. Their Error texts are what a
// spec gets to read when nothing is there to take them.
type (
	breakOut struct {
		tag   *breakTag
		value Value
	}
	nextOut   struct{ value Value }
	returnOut struct {
		tag   *returnTag
		value Value
	}
	throwOut struct{ tag, value Value }
	retryOut struct{}
	redoOut  struct{}
)

// breakTag is the call or loop that a break ends; returnTag the method or lambda that a
// return ends.
type (
	breakTag  struct{ done bool }
	returnTag struct{ done bool }
)

func (*breakOut) Error() string  { return "break from proc-closure" }
func (*nextOut) Error() string   { return "unexpected next" }
func (*returnOut) Error() string { return "unexpected return" }
func (*throwOut) Error() string  { return "uncaught throw" }
func (retryOut) Error() string   { return "Invalid retry" }
func (redoOut) Error() string    { return "unexpected redo" }

// spares tells whether an ensure runs on the way of err: for Ruby's own ways out only.
func spares(err error) bool {
	switch err.(type) {
	case *Raise, *breakOut, *nextOut, *returnOut, *throwOut, retryOut, redoOut:
		return false
	}
	return true
}
