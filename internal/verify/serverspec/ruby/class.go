package ruby

import (
	"slices"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Func is a method or block written in Go.
type Func func(c *Call) (Value, error)

type visibility int

const (
	public visibility = iota
	protected
	private
)

// Class is a class or a module.
type Class struct {
	in        *Interp
	name      string // empty while it is anonymous
	outer     *Class // whose constant it is
	super     *Class
	module    bool
	singleton bool
	attached  Value // of a singleton class
	meta      *Class
	methods   map[string]*Method
	consts    map[string]Value
	constList []string
	cvars     ivars
	ivars     ivars
	includes  []*Class // in the order of include
	prepends  []*Class
	id        int64
	members   []string // of a Struct
	keywords  bool     // a Struct's keyword_init
	// alloc makes an instance for new; nil asks the superclass.
	alloc func(c *Class) (Value, error)

	cache      map[string]*Method
	mro        []*Class
	cacheEpoch int
}

// Method is a method of a class, or what took one away.
type Method struct {
	Name  string
	Owner *Class
	// Pos is where a spec defined it; no line for Go's.
	Pos syntax.Pos

	vis      visibility
	native   Func
	min, max int
	params   *syntax.Params
	body     syntax.Node
	lex      *lexical
	file     *syntax.File
	proc     *Proc
	undef    bool
}

// Name is the class's name with those around it, or "" of an anonymous one.
func (c *Class) Name() string {
	if c.outer != nil && c.outer != c.in.Object && c.name != "" {
		return c.outer.Name() + "::" + c.name
	}
	return c.name
}

// IsModule tells a module from a class.
func (c *Class) IsModule() bool { return c.module }

// Superclass is the class above, without singleton classes; nil at the top.
func (c *Class) Superclass() *Class { return c.super }

// Define gives instances a public method. It takes from min to max arguments, any number
// if max is -1; the Interp refuses others before fn is called.
func (c *Class) Define(name string, min, max int, fn Func) {
	c.add(&Method{Name: name, native: fn, min: min, max: max})
}

// DefinePrivate is Define for a method that is only called without receiver, such as puts.
func (c *Class) DefinePrivate(name string, min, max int, fn Func) {
	c.add(&Method{Name: name, native: fn, min: min, max: max, vis: private})
}

// DefineSingleton gives the class itself a method: Class.name.
func (c *Class) DefineSingleton(name string, min, max int, fn Func) {
	c.in.singletonClass(c).Define(name, min, max, fn)
}

// Alias gives methods further names; pairs of new and old.
func (c *Class) Alias(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if m := c.in.findMethod(c, pairs[i+1]); m != nil {
			c.alias(pairs[i], m)
		}
	}
}

func (c *Class) alias(name string, m *Method) {
	n := *m
	c.methods[name] = &n
	c.in.epoch++
}

func (c *Class) add(m *Method) {
	m.Owner = c
	c.methods[m.Name] = m
	c.in.epoch++
}

// Include mixes a module in, as include does.
func (c *Class) Include(m *Class) {
	if !slices.Contains(c.includes, m) {
		c.includes = append(c.includes, m)
		c.in.bytes += 64 * int64(len(c.in.ancestors(m)))
		c.in.epoch++
	}
}

// Const is a constant of this very class or module.
func (c *Class) Const(name string) (Value, bool) {
	v, ok := c.consts[name]
	return v, ok
}

// SetConst defines a constant. A class without a name takes this one.
func (c *Class) SetConst(name string, v Value) {
	if _, ok := c.consts[name]; !ok {
		c.constList = append(c.constList, name)
	}
	c.consts[name] = v
	if k, ok := v.(*Class); ok && k.name == "" && !k.singleton {
		k.name, k.outer = name, c
	}
}

// DefineClass makes a class below super that is a constant of Object, or gives the one
// that is there.
func (in *Interp) DefineClass(name string, super *Class) *Class {
	return in.DefineClassIn(in.Object, name, super)
}

// DefineClassIn is DefineClass inside of another class or module.
func (in *Interp) DefineClassIn(outer *Class, name string, super *Class) *Class {
	if c, ok := outer.consts[name].(*Class); ok {
		return c
	}
	c := in.newClass(super)
	outer.SetConst(name, c)
	return c
}

// DefineModule makes a module that is a constant of Object, or gives the one there.
func (in *Interp) DefineModule(name string) *Class { return in.DefineModuleIn(in.Object, name) }

// DefineModuleIn is DefineModule inside of another class or module.
func (in *Interp) DefineModuleIn(outer *Class, name string) *Class {
	if c, ok := outer.consts[name].(*Class); ok {
		return c
	}
	c := in.newModule()
	outer.SetConst(name, c)
	return c
}

func (in *Interp) newClass(super *Class) *Class {
	// Each class keeps the list of those above.
	in.bytes += 512
	for c := super; c != nil; c = c.super {
		in.bytes += 64
	}
	return &Class{in: in, super: super, id: in.nextID(), methods: map[string]*Method{}, consts: map[string]Value{}}
}

// NewClass makes a class without a name, as Class.new does.
func (in *Interp) NewClass(super *Class) *Class { return in.newClass(super) }

// NewModule makes a module without a name, as Module.new does.
func (in *Interp) NewModule() *Class { return in.newModule() }

func (in *Interp) newModule() *Class {
	c := in.newClass(nil)
	c.module = true
	return c
}

// ancestors is the order in which methods are looked for.
func (in *Interp) ancestors(c *Class) []*Class {
	c.refresh()
	if c.mro != nil {
		return c.mro
	}
	var list []*Class
	if c.super != nil {
		list = in.ancestors(c.super)
	}
	c.mro = linearize(c, list)
	return c.mro
}

// linearize puts a class, what it prepends and what it includes before what is above it.
func linearize(c *Class, above []*Class) []*Class {
	var own []*Class
	addModule := func(m *Class) {
		for _, k := range linearize(m, nil) {
			if !slices.Contains(own, k) && !slices.Contains(above, k) {
				own = append(own, k)
			}
		}
	}
	for _, m := range slices.Backward(c.prepends) {
		addModule(m)
	}
	own = append(own, c)
	for _, m := range slices.Backward(c.includes) {
		addModule(m)
	}
	return append(own, above...)
}

func (c *Class) refresh() {
	if c.cacheEpoch != c.in.epoch {
		c.cache, c.mro, c.cacheEpoch = nil, nil, c.in.epoch
	}
}

// findMethod is the method of that name, or nil when there is none or it is undefined.
func (in *Interp) findMethod(c *Class, name string) *Method {
	c.refresh()
	if m, ok := c.cache[name]; ok {
		return m
	}
	var found *Method
	for _, k := range in.ancestors(c) {
		if m, ok := k.methods[name]; ok {
			found = m
			break
		}
	}
	if found != nil && found.undef {
		found = nil
	}
	if c.cache == nil {
		c.cache = map[string]*Method{}
	}
	c.cache[name] = found
	return found
}

// findSuper is the method that super calls from m, for an instance of c.
func (in *Interp) findSuper(c *Class, m *Method, name string) *Method {
	list := in.ancestors(c)
	at := slices.Index(list, m.Owner)
	for _, k := range list[at+1:] {
		if m, ok := k.methods[name]; ok {
			if m.undef {
				return nil
			}
			return m
		}
	}
	return nil
}

// ClassOf is v's class; never a singleton class.
func (in *Interp) ClassOf(v Value) *Class {
	switch v := v.(type) {
	case Nil:
		return in.nilClass
	case Bool:
		if v {
			return in.trueClass
		}
		return in.falseClass
	case Int, *Big:
		return in.integer
	case Float:
		return in.float
	case Symbol:
		return in.symbol
	case *String:
		return in.str
	case *Array:
		return in.array
	case *Hash:
		return in.hash
	case *Range:
		return in.rang
	case *Regexp:
		return in.regexp
	case *Match:
		return in.match
	case *Proc:
		switch {
		case v.unbound:
			return in.unbound
		case v.method != nil:
			return in.method
		}
		return in.proc
	case *Time:
		return in.time
	case *Class:
		if v.module {
			return in.module
		}
		return in.class
	case *Object:
		return v.class
	}
	return in.nilClass
}

// dispatchClass is where the search for v's methods begins.
func (in *Interp) dispatchClass(v Value) *Class {
	switch v := v.(type) {
	case *Object:
		if v.singleton != nil {
			return v.singleton
		}
		return v.class
	case *Class:
		// Class methods are inherited by way of the singleton classes above.
		return in.singletonClass(v)
	}
	return in.ClassOf(v)
}

// singletonClass is v's own class, made when first asked for; nil for values that
// cannot have one here.
func (in *Interp) singletonClass(v Value) *Class {
	switch v := v.(type) {
	case *Object:
		if v.singleton == nil {
			v.singleton = in.newClass(v.class)
			v.singleton.singleton, v.singleton.attached = true, v
		}
		return v.singleton
	case *Class:
		if v.meta == nil {
			above := in.class
			if v.module {
				above = in.module
			} else if v.singleton {
				above = in.class
			} else if v.super != nil {
				above = in.singletonClass(v.super)
			}
			v.meta = in.newClass(above)
			v.meta.singleton, v.meta.attached = true, v
		}
		return v.meta
	}
	return nil
}

// IsA tells whether v is an instance of class, or of one below it.
func (in *Interp) IsA(v Value, class *Class) bool {
	return slices.Contains(in.ancestors(in.dispatchClass(v)), class)
}

// below tells whether c is other or inherits it.
func (in *Interp) below(c, other *Class) bool {
	return slices.Contains(in.ancestors(c), other)
}
