package ruby

// Override gives one object a method of its own until restore is called. original calls
// the method that is hidden by it, as long as it is; it is nil when there is none. ok is
// false for values that cannot have methods of their own.
func (in *Interp) Override(v Value, name string, fn Func) (original Func, restore func(), ok bool) {
	k := in.singletonClass(v)
	if k == nil {
		return nil, nil, false
	}
	if m := in.findMethod(in.dispatchClass(v), name); m != nil {
		original = func(c *Call) (Value, error) { return in.invoke(in.top, m, v, name, c.Args, c.Block) }
	}
	own, had := k.methods[name]
	k.Define(name, 0, -1, fn)
	return original, func() {
		delete(k.methods, name)
		if had {
			k.methods[name] = own
		}
		in.epoch++
	}, true
}
