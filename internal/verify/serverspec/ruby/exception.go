package ruby

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"syscall"
)

// exceptionTree is Ruby's exceptions: each line is a class and what is right below it.
const exceptionTree = `
Exception: NoMemoryError ScriptError SecurityError SignalException StandardError SystemExit SystemStackError
ScriptError: LoadError NotImplementedError SyntaxError
SignalException: Interrupt
StandardError: ArgumentError EncodingError FiberError IOError IndexError LocalJumpError NameError RangeError RegexpError RuntimeError SystemCallError ThreadError TypeError ZeroDivisionError
ArgumentError: UncaughtThrowError
IOError: EOFError
IndexError: KeyError StopIteration ClosedQueueError
NameError: NoMethodError
RangeError: FloatDomainError
RuntimeError: FrozenError
`

// errnos are the system's errors that specs meet.
func errnos() map[string]syscall.Errno {
	return map[string]syscall.Errno{
		"ENOENT": syscall.ENOENT, "EACCES": syscall.EACCES, "EEXIST": syscall.EEXIST, "ENOTDIR": syscall.ENOTDIR,
		"EISDIR": syscall.EISDIR, "EPERM": syscall.EPERM, "ECONNREFUSED": syscall.ECONNREFUSED, "EPIPE": syscall.EPIPE,
		"ETIMEDOUT": syscall.ETIMEDOUT, "EINVAL": syscall.EINVAL, "ENOTEMPTY": syscall.ENOTEMPTY, "ELOOP": syscall.ELOOP,
		"EHOSTUNREACH": syscall.EHOSTUNREACH, "ENETUNREACH": syscall.ENETUNREACH, "ECONNRESET": syscall.ECONNRESET,
		"EADDRINUSE": syscall.EADDRINUSE, "ECHILD": syscall.ECHILD, "EBADF": syscall.EBADF, "ENAMETOOLONG": syscall.ENAMETOOLONG,
		"EIO": syscall.EIO, "EROFS": syscall.EROFS, "ENOSPC": syscall.ENOSPC, "ESRCH": syscall.ESRCH,
	}
}

// errnoText is the C library's wording, where Go's differs by more than the first letter.
func errnoText(e syscall.Errno) string {
	text := e.Error()
	switch e {
	case syscall.EIO:
		return "Input/output error"
	case syscall.ELOOP:
		return "Too many levels of symbolic links"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (in *Interp) bootExceptions() {
	for line := range strings.SplitSeq(strings.TrimSpace(exceptionTree), "\n") {
		name, below, _ := strings.Cut(line, ": ")
		above := in.DefineClass(name, in.Object)
		for sub := range strings.FieldsSeq(below) {
			in.DefineClass(sub, above)
		}
	}
	in.Exception = in.Object.consts["Exception"].(*Class)
	in.StandardError = in.Object.consts["StandardError"].(*Class)
	in.ScriptError = in.Object.consts["ScriptError"].(*Class)
	errno := in.DefineModule("Errno")
	for name, number := range errnos() {
		c := in.DefineClassIn(errno, name, in.errorClass("SystemCallError"))
		c.SetConst("Errno", Int(number))
		c.Define("initialize", 0, -1, func(c *Call) (Value, error) {
			text := errnoText(number)
			if c.Has(0) {
				text += " - " + c.Str(0)
			}
			exceptionOf(c.Self.(*Object)).message = Str(text)
			return Nil{}, nil
		})
		c.Define("errno", 0, 0, func(c *Call) (Value, error) { return Int(number), nil })
	}
	in.Exception.alloc = func(c *Class) (Value, error) {
		return in.NewObject(c, &exception{message: Nil{}, cause: Nil{}}), nil
	}
	in.exceptionMethods()
	in.exceptionExtras()
}

func (in *Interp) exceptionMethods() {
	def := func(name string, min, max int, fn func(c *Call, o *Object, e *exception) (Value, error)) {
		in.Exception.Define(name, min, max, on(func(c *Call, o *Object) (Value, error) { return fn(c, o, exceptionOf(o)) }))
	}
	def("initialize", 0, -1, func(c *Call, o *Object, e *exception) (Value, error) {
		e.message = c.Arg(0)
		return Nil{}, nil
	})
	def("to_s", 0, 0, func(c *Call, o *Object, e *exception) (Value, error) {
		if IsNil(e.message) {
			return Str(o.class.Name()), nil
		}
		s, err := in.ToS(e.message)
		return Str(s), err
	})
	def("message", 0, 0, func(c *Call, o *Object, e *exception) (Value, error) {
		s, err := in.callText(o, "to_s")
		return Str(s), err
	})
	def("detailed_message", 0, -1, func(c *Call, o *Object, e *exception) (Value, error) {
		s, err := in.callText(o, "message")
		return Str(s + " (" + o.class.Name() + ")"), err
	})
	def("full_message", 0, -1, func(c *Call, o *Object, e *exception) (Value, error) {
		s, err := in.callText(o, "message")
		at := ""
		if len(e.backtrace) > 0 {
			at = e.backtrace[0].String() + ": "
		}
		return Str(at + s + " (" + o.class.Name() + ")"), err
	})
	def("inspect", 0, 0, func(c *Call, o *Object, e *exception) (Value, error) {
		s, err := in.callText(o, "to_s")
		if s == "" {
			return Str(o.class.Name()), err
		}
		return Str("#<" + in.className(o.class) + ": " + s + ">"), err
	})
	def("backtrace", 0, 0, func(c *Call, o *Object, e *exception) (Value, error) {
		if e.lines != nil {
			return e.lines, nil
		}
		if e.backtrace == nil {
			return Nil{}, nil
		}
		list := NewArray()
		for _, f := range e.backtrace {
			list.elems = append(list.elems, Str(f.String()))
		}
		return list, nil
	})
	def("set_backtrace", 1, 1, func(c *Call, o *Object, e *exception) (Value, error) {
		if a, ok := c.Args[0].(*Array); ok {
			e.lines = a
		} else {
			e.lines = NewArray(c.Args[0])
		}
		return e.lines, nil
	})
	def("cause", 0, 0, func(c *Call, o *Object, e *exception) (Value, error) { return e.cause, nil })
	def("exception", 0, 1, func(c *Call, o *Object, e *exception) (Value, error) {
		if !c.Has(0) || c.Args[0] == Value(o) {
			return o, nil
		}
		n := *e
		n.message = c.Args[0]
		changed := in.NewObject(o.class, &n)
		changed.ivars = o.ivars.clone()
		return changed, nil
	})
	def("==", 1, 1, func(c *Call, o *Object, e *exception) (Value, error) {
		other, ok := c.Args[0].(*Object)
		if !ok || other.class != o.class || !slices.Equal(e.backtrace, exceptionOf(other).backtrace) {
			return False, nil
		}
		a, err := in.callText(o, "message")
		if err != nil {
			return nil, err
		}
		b, err := in.callText(other, "message")
		return Bool(a == b), err
	})
	in.Exception.DefineSingleton("exception", 0, -1, func(c *Call) (Value, error) {
		return in.send(c.frame, c.Self, "new", c.Args, c.Block, sendPublic)
	})
}

// exceptionExtras are what single classes have beyond a message.
func (in *Interp) exceptionExtras() {
	reader := func(class string, names ...string) {
		for _, name := range names {
			in.errorClass(class).Define(name, 0, 0, on(func(c *Call, o *Object) (Value, error) {
				if v, ok := exceptionOf(o).extra[name]; ok {
					return v, nil
				}
				return Nil{}, nil
			}))
		}
	}
	reader("NameError", "name", "receiver")
	reader("NoMethodError", "args")
	reader("KeyError", "key", "receiver")
	reader("FrozenError", "receiver")
	reader("StopIteration", "result")
	reader("SystemExit", "status")
	reader("UncaughtThrowError", "tag", "value")
	reader("LoadError", "path")
	in.errorClass("SystemExit").Define("success?", 0, 0, on(func(c *Call, o *Object) (Value, error) {
		return Bool(exceptionOf(o).extra["status"] == Value(Int(0))), nil
	}))
	in.errorClass("NameError").Define("initialize", 0, -1, on(func(c *Call, o *Object) (Value, error) {
		e := exceptionOf(o)
		keys := c.passed()
		e.message = c.Arg(0)
		e.extra = map[string]Value{"name": c.Arg(1)}
		if v := keys.Symbol("receiver"); v != nil {
			e.extra["receiver"] = v
		}
		return Nil{}, nil
	}))
	in.errorClass("KeyError").Define("initialize", 0, -1, on(func(c *Call, o *Object) (Value, error) {
		e := exceptionOf(o)
		keys := c.passed()
		e.message, e.extra = c.Arg(0), map[string]Value{}
		for _, name := range []string{"key", "receiver"} {
			if v := keys.Symbol(name); v != nil {
				e.extra[name] = v
			}
		}
		return Nil{}, nil
	}))
}

// systemError makes an exception of what the operating system said about a name.
func (in *Interp) systemError(err error, subject string) error {
	var number syscall.Errno
	switch {
	case errors.As(err, &number):
	case errors.Is(err, fs.ErrNotExist):
		number = syscall.ENOENT
	case errors.Is(err, fs.ErrPermission):
		number = syscall.EACCES
	default:
		return err
	}
	text := errnoText(number)
	if subject != "" {
		text += " @ " + subject
	}
	module := in.Object.consts["Errno"].(*Class)
	for name, n := range errnos() {
		if n == number {
			return in.RaiseClass(module.consts[name].(*Class), "%s", text)
		}
	}
	return in.Raise("SystemCallError", "%s", text)
}

func (in *Interp) frozen(v Value) error {
	return in.raiseWith(in.errorClass("FrozenError"), map[string]Value{"receiver": v},
		"can't modify frozen %s: %s", in.ClassOf(v).Name(), in.inspectOr(v))
}

// raise is Kernel#raise.
func (in *Interp) raise(c *Call) (Value, error) {
	var cause Value
	if n := len(c.Args); n > 0 {
		if h, ok := c.Args[n-1].(*Hash); ok && h.keywords {
			if v, ok := h.Get(Symbol("cause")); ok {
				cause = v
				h.Delete(Symbol("cause"))
				if h.Len() == 0 {
					c.Args = c.Args[:n-1]
				}
			}
		}
	}
	o, err := in.exceptionFrom(c)
	if err != nil {
		return nil, err
	}
	e := exceptionOf(o)
	if len(c.Args) > 2 {
		if a, ok := c.Args[2].(*Array); ok {
			e.lines = a
		}
	}
	if cause != nil {
		e.cause = cause
	}
	err = in.raiseObject(o)
	if cause != nil {
		e.cause = cause
	}
	return nil, err
}

func (in *Interp) exceptionFrom(c *Call) (*Object, error) {
	switch v := c.Arg(0).(type) {
	case Nil:
		if n := len(in.handling); n > 0 && !c.Has(0) {
			return in.handling[n-1], nil
		}
		if !c.Has(0) {
			return in.NewObject(in.errorClass("RuntimeError"), &exception{message: Str("unhandled exception"), cause: Nil{}}), nil
		}
	case *String:
		return in.NewObject(in.errorClass("RuntimeError"), &exception{message: v, cause: Nil{}}), nil
	case *Class, *Object:
		if ok, err := in.responds(v, "exception", false); err != nil || !ok {
			break
		}
		args := c.Args[1:min(len(c.Args), 2)]
		if len(c.Args) > 2 {
			args = c.Args[1:2]
		}
		got, err := in.send(c.frame, v, "exception", args, nil, sendPublic)
		if err != nil {
			return nil, err
		}
		if o, ok := got.(*Object); ok && in.below(o.class, in.Exception) {
			return o, nil
		}
	}
	return nil, in.Raise("TypeError", "exception class/object expected")
}
