package ruby

import (
	"slices"
	"strings"
)

// structData is the Data of an instance of a Struct.
type structData struct{ values []Value }

func (in *Interp) bootStruct() {
	k := in.DefineClass("Struct", in.Object)
	in.structClass = k
	k.Include(in.Enumerable)
	in.singletonClass(k).Define("new", 0, -1, func(c *Call) (Value, error) {
		self := c.Self.(*Class)
		if self != k {
			return in.newInstance(c, self)
		}
		return in.newStruct(c)
	})
	k.alloc = func(c *Class) (Value, error) {
		d := &structData{values: make([]Value, len(c.members))}
		for i := range d.values {
			d.values[i] = Nil{}
		}
		return in.NewObject(c, d), nil
	}
	def := func(name string, min, max int, fn func(c *Call, o *Object, d *structData) (Value, error)) {
		k.Define(name, min, max, on(func(c *Call, o *Object) (Value, error) { return fn(c, o, o.Data.(*structData)) }))
	}
	def("initialize", 0, -1, in.initStruct)
	def("to_a", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		return NewArray(slices.Clone(d.values)...), nil
	})
	k.Alias("deconstruct", "to_a", "values", "to_a")
	def("to_h", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		h := NewHash()
		for i, m := range o.class.members {
			h.Set(Symbol(m), d.values[i])
		}
		if c.Block != nil {
			return in.CallBlock(h, "to_h", c.Block)
		}
		return h, nil
	})
	def("members", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) { return symbols(o.class.members), nil })
	def("each", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		return in.CallBlock(NewArray(slices.Clone(d.values)...), "each", c.Block)
	})
	def("each_pair", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		for i, m := range o.class.members {
			if _, err := c.Yield(Symbol(m), d.values[i]); err != nil {
				return nil, err
			}
		}
		return o, nil
	})
	def("==", 1, 1, func(c *Call, o *Object, d *structData) (Value, error) {
		other, ok := c.Args[0].(*Object)
		if !ok || other.class != o.class {
			return False, nil
		}
		eq, err := in.Equal(NewArray(d.values...), NewArray(other.Data.(*structData).values...))
		return Bool(eq), err
	})
	def("eql?", 1, 1, func(c *Call, o *Object, d *structData) (Value, error) {
		return Bool(identityOf(o) == identityOf(c.Args[0])), nil
	})
	def("hash", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		return Int(fnv(string(identityOf(o).(deepKey)))), nil
	})
	def("[]", 1, 1, func(c *Call, o *Object, d *structData) (Value, error) {
		i, err := in.member(c, o)
		if err != nil {
			return nil, err
		}
		return d.values[i], nil
	})
	def("[]=", 2, 2, func(c *Call, o *Object, d *structData) (Value, error) {
		i, err := in.member(c, o)
		if err != nil {
			return nil, err
		}
		if o.frozen {
			return nil, in.frozen(o)
		}
		d.values[i] = c.Args[1]
		return c.Args[1], nil
	})
	def("dig", 1, -1, func(c *Call, o *Object, d *structData) (Value, error) {
		i, err := in.member(c, o)
		if err != nil {
			return nil, err
		}
		return in.dig(c, d.values[i], c.Args[1:])
	})
	def("size", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) { return Int(len(d.values)), nil })
	k.Alias("length", "size")
	def("values_at", 0, -1, func(c *Call, o *Object, d *structData) (Value, error) {
		return in.Call(NewArray(d.values...), "values_at", c.Args...)
	})
	def("inspect", 0, 0, func(c *Call, o *Object, d *structData) (Value, error) {
		leave, ok, err := in.enter(o)
		if err != nil {
			return nil, err
		}
		name := o.class.Name()
		if name != "" {
			name += " "
		}
		if !ok {
			return Str("#<struct " + name + ":...>"), nil
		}
		defer leave()
		var parts []string
		for i, m := range o.class.members {
			s, err := in.Inspect(d.values[i])
			if err != nil {
				return nil, err
			}
			parts = append(parts, m+"="+s)
		}
		return Str("#<struct " + name + strings.Join(parts, ", ") + ">"), nil
	})
	k.Alias("to_s", "inspect")
}

func symbols(names []string) *Array {
	a := NewArray()
	for _, n := range names {
		a.elems = append(a.elems, Symbol(n))
	}
	return a
}

func (in *Interp) member(c *Call, o *Object) (int, error) {
	if n, ok := c.Args[0].(Int); ok {
		i := int(n)
		if i < 0 {
			i += len(o.class.members)
		}
		if i < 0 || i >= len(o.class.members) {
			return 0, in.Raise("IndexError", "offset %d too large for struct(size:%d)", int(n), len(o.class.members))
		}
		return i, nil
	}
	i := slices.Index(o.class.members, c.NameArg(0))
	if i < 0 {
		return 0, in.raiseWith(in.errorClass("NameError"), nil, "no member '%s' in struct", c.NameArg(0))
	}
	return i, nil
}

// newStruct is Struct.new: a class with accessors.
func (in *Interp) newStruct(c *Call) (Value, error) {
	keys := c.passed()
	k := in.newClass(in.structClass)
	k.keywords = Truthy(orNil(keys.Symbol("keyword_init")))
	args := c.Args
	if len(args) > 0 {
		if s, ok := args[0].(*String); ok {
			in.structClass.SetConst(s.String(), k)
			args = args[1:]
		}
	}
	for _, a := range args {
		s, ok := a.(Symbol)
		if !ok {
			return nil, in.Raise("TypeError", "%s is not a symbol nor a string", in.inspectOr(a))
		}
		i := len(k.members)
		k.members = append(k.members, string(s))
		k.Define(string(s), 0, 0, on(func(c *Call, o *Object) (Value, error) { return o.Data.(*structData).values[i], nil }))
		k.Define(string(s)+"=", 1, 1, on(func(c *Call, o *Object) (Value, error) {
			if o.frozen {
				return nil, in.frozen(o)
			}
			o.Data.(*structData).values[i] = c.Args[0]
			return c.Args[0], nil
		}))
	}
	k.DefineSingleton("members", 0, 0, func(c *Call) (Value, error) { return symbols(k.members), nil })
	k.DefineSingleton("[]", 0, -1, func(c *Call) (Value, error) { return in.newInstance(c, c.Self.(*Class)) })
	if c.Block != nil {
		if _, err := in.callProc(c.Block, []Value{k}, nil, &rebind{self: k, target: k, class: true}); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func (in *Interp) initStruct(c *Call, o *Object, d *structData) (Value, error) {
	if o.class.keywords {
		keys := c.Keywords()
		if len(c.Args) > 0 {
			return nil, in.arityError(len(c.Args), 0, 0)
		}
		if keys == nil {
			return Nil{}, nil
		}
		var unknown []string
		for key, v := range keys.All() {
			s, _ := in.ToS(key)
			if i := slices.Index(o.class.members, s); i >= 0 {
				d.values[i] = v
			} else {
				unknown = append(unknown, s)
			}
		}
		if len(unknown) > 0 {
			return nil, in.Raise("ArgumentError", "unknown keywords: %s", strings.Join(unknown, ", "))
		}
		return Nil{}, nil
	}
	if len(c.Args) > len(d.values) {
		return nil, in.Raise("ArgumentError", "struct size differs")
	}
	for i, v := range c.Args {
		d.values[i] = positional(v)
	}
	return Nil{}, nil
}
