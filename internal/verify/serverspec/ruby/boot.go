package ruby

// boot makes Ruby's own classes.
func (in *Interp) boot() {
	in.epoch = 1
	in.BasicObject = in.newClass(nil)
	in.Object = in.newClass(in.BasicObject)
	in.module = in.newClass(in.Object)
	in.class = in.newClass(in.module)
	in.Module, in.Class = in.module, in.class
	for name, c := range map[string]*Class{"BasicObject": in.BasicObject, "Object": in.Object, "Module": in.module, "Class": in.class} {
		c.name = name
		in.Object.consts[name] = c
	}
	in.Object.constList = []string{"BasicObject", "Object", "Module", "Class"}
	in.Object.alloc = func(c *Class) (Value, error) { return in.NewObject(c, nil), nil }
	in.Kernel = in.DefineModule("Kernel")
	in.Object.Include(in.Kernel)
	in.Comparable = in.DefineModule("Comparable")
	in.Enumerable = in.DefineModule("Enumerable")

	define := func(name string, super *Class) *Class { return in.DefineClass(name, super) }
	in.nilClass = define("NilClass", in.Object)
	in.trueClass = define("TrueClass", in.Object)
	in.falseClass = define("FalseClass", in.Object)
	in.numeric = define("Numeric", in.Object)
	in.numeric.Include(in.Comparable)
	in.integer = define("Integer", in.numeric)
	in.float = define("Float", in.numeric)
	in.str = define("String", in.Object)
	in.str.Include(in.Comparable)
	in.symbol = define("Symbol", in.Object)
	in.symbol.Include(in.Comparable)
	in.array = define("Array", in.Object)
	in.array.Include(in.Enumerable)
	in.hash = define("Hash", in.Object)
	in.hash.Include(in.Enumerable)
	in.rang = define("Range", in.Object)
	in.rang.Include(in.Enumerable)
	in.regexp = define("Regexp", in.Object)
	in.match = define("MatchData", in.Object)
	in.proc = define("Proc", in.Object)
	in.method = define("Method", in.Object)
	in.unbound = define("UnboundMethod", in.Object)
	in.time = define("Time", in.Object)
	in.time.Include(in.Comparable)
	in.enumerator = define("Enumerator", in.Object)
	in.enumerator.Include(in.Enumerable)

	in.Main = in.NewObject(in.Object, nil)
	in.top = &frame{self: in.Main, scope: &scope{}, act: &activation{}, target: in.Object, label: "<main>"}

	in.bootExceptions()
	in.bootBasicObject()
	in.bootObject()
	in.bootReflection()
	in.bootModule()
	in.bootModuleReflection()
	in.bootKernel()
	in.bootConversions()
	in.bootNil()
	in.bootComparable()
	in.bootNumeric()
	in.bootInteger()
	in.bootFloat()
	in.bootMath()
	in.bootString()
	in.bootStringEdit()
	in.bootStringSearch()
	in.bootStringParts()
	in.bootSymbol()
	in.bootRegexp()
	in.bootMatch()
	in.bootArray()
	in.bootArrayEdit()
	in.bootArrayMore()
	in.bootHash()
	in.bootHashMore()
	in.bootEnumerable()
	in.bootEnumerableMore()
	in.bootEnumerator()
	in.bootRange()
	in.bootProc()
	in.bootStruct()
	in.bootTime()
	in.bootFile()
	in.bootDir()
	in.bootChanges()
	in.bootEnv()
	in.bootIO()
	in.bootProcess()
	in.bootLibraries()
	in.bootGlobals()
	in.refuseAllocation()
}

// refuseAllocation makes allocate an error for the classes whose values have types or data
// of their own.
func (in *Interp) refuseAllocation() {
	constant := func(outer *Class, name string) *Class { return outer.consts[name].(*Class) }
	file := constant(in.Object, "File")
	for _, k := range []*Class{
		in.nilClass, in.trueClass, in.falseClass, in.integer, in.float, in.symbol, in.rang, in.regexp, in.match, in.proc, in.method, in.unbound, in.time,
		constant(in.Object, "IO"), constant(file, "Stat"), constant(in.Object, "Encoding"), constant(constant(in.Object, "Process"), "Status"),
		constant(in.enumerator, "Yielder"),
	} {
		k.alloc = func(c *Class) (Value, error) {
			return nil, in.Raise("TypeError", "allocator undefined for %s", in.className(c))
		}
	}
}

func (in *Interp) bootGlobals() {
	in.globals["$,"] = Nil{}
	in.globals["$/"] = Str("\n")
	in.globals["$;"] = Nil{}
	in.globals["$0"] = Str("rspec")
	in.globals["$PROGRAM_NAME"] = in.globals["$0"]
	in.globals["$LOAD_PATH"] = NewArray()
	in.globals["$:"] = in.globals["$LOAD_PATH"]
	in.globals["$LOADED_FEATURES"] = NewArray()
	in.globals["$\""] = in.globals["$LOADED_FEATURES"]
	in.globals["$VERBOSE"] = False
	in.globals["$DEBUG"] = False
	in.Object.SetConst("RUBY_VERSION", Str("3.1.2").frozenCopy())
	in.Object.SetConst("RUBY_ENGINE", Str("ruby").frozenCopy())
	in.Object.SetConst("RUBY_PLATFORM", Str("x86_64-linux-gnu").frozenCopy())
	in.Object.SetConst("RUBY_PATCHLEVEL", Int(20))
	in.Object.SetConst("ARGV", NewArray())
	in.singletonClass(in.Main).Define("to_s", 0, 0, func(c *Call) (Value, error) { return Str("main"), nil })
	in.singletonClass(in.Main).Alias("inspect", "to_s")
	in.singletonClass(in.Main).DefinePrivate("include", 1, -1, func(c *Call) (Value, error) {
		return in.CallBlock(in.Object, "include", nil, c.Args...)
	})
	in.singletonClass(in.Main).DefinePrivate("define_method", 1, 2, func(c *Call) (Value, error) {
		return in.CallBlock(in.Object, "define_method", c.Block, c.Args...)
	})
	for _, name := range []string{"public", "private"} {
		in.singletonClass(in.Main).DefinePrivate(name, 0, -1, func(c *Call) (Value, error) {
			return in.setVisibility(c, in.Object)
		})
	}
}
