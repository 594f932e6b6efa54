package ruby

import "strings"

// env is an environment variable, or Nil; what the spec set itself comes first.
func (in *Interp) env(name string) (Value, error) {
	if v, ok := in.envChanges[name]; ok {
		if v == nil {
			return Nil{}, nil
		}
		return Str(*v).frozenCopy(), nil
	}
	v, ok, err := in.world.Env(in.Place("Env"), name)
	if err != nil || !ok {
		return Nil{}, in.worldError(err, "")
	}
	return Str(v).frozenCopy(), nil
}

// environ is the environment as the spec changed it, sorted.
func (in *Interp) environ() (*Hash, error) {
	list, err := in.world.Environ(in.Place("Environ"))
	if err != nil {
		return nil, in.worldError(err, "")
	}
	h := NewHash()
	for _, e := range list {
		name, v, _ := strings.Cut(e, "=")
		h.Set(Str(name).frozenCopy(), Str(v).frozenCopy())
	}
	for _, name := range sortedKeys(in.envChanges) {
		if v := in.envChanges[name]; v != nil {
			h.Set(Str(name).frozenCopy(), Str(*v).frozenCopy())
		} else {
			h.Delete(Str(name))
		}
	}
	return h, nil
}

// Env is what the spec changed in its environment, for commands that it runs: what it
// set, and the names of what it removed, sorted.
func (in *Interp) Env() (set map[string]string, removed []string) {
	set = map[string]string{}
	for _, name := range sortedKeys(in.envChanges) {
		if v := in.envChanges[name]; v != nil {
			set[name] = *v
		} else {
			removed = append(removed, name)
		}
	}
	return set, removed
}

func (in *Interp) bootEnv() {
	o := in.NewObject(in.Object, nil)
	in.Object.SetConst("ENV", o)
	k := in.singletonClass(o)
	k.Define("[]", 1, 1, func(c *Call) (Value, error) { return in.env(c.Str(0)) })
	k.Define("fetch", 1, 2, func(c *Call) (Value, error) {
		v, err := in.env(c.Str(0))
		switch {
		case err != nil || !IsNil(v):
			return v, err
		case c.Block != nil:
			return c.Yield(c.Args[0])
		case c.Has(1):
			return c.Args[1], nil
		}
		return nil, in.raiseWith(in.errorClass("KeyError"), map[string]Value{"key": c.Args[0], "receiver": o}, "key not found: %s", in.inspectOr(c.Args[0]))
	})
	for _, name := range []string{"key?", "has_key?", "include?", "member?"} {
		k.Define(name, 1, 1, func(c *Call) (Value, error) {
			v, err := in.env(c.Str(0))
			return Bool(err == nil && !IsNil(v)), err
		})
	}
	for _, name := range []string{"[]=", "store"} {
		k.Define(name, 2, 2, func(c *Call) (Value, error) {
			if IsNil(c.Args[1]) {
				in.envChanges[c.Str(0)] = nil
				return Nil{}, nil
			}
			v := c.Str(1)
			in.envChanges[c.Str(0)] = &v
			return c.Args[1], nil
		})
	}
	k.Define("delete", 1, 1, func(c *Call) (Value, error) {
		v, err := in.env(c.Str(0))
		in.envChanges[c.Str(0)] = nil
		return v, err
	})
	k.Define("update", 1, 1, func(c *Call) (Value, error) {
		for name, v := range c.Hash(0).All() {
			if _, err := in.CallBlock(o, "[]=", nil, name, v); err != nil {
				return nil, err
			}
		}
		return o, nil
	})
	k.Alias("merge!", "update")
	for _, name := range []string{"to_h", "to_hash"} {
		k.Define(name, 0, 0, func(c *Call) (Value, error) {
			h, err := in.environ()
			if err != nil || c.Block == nil {
				return h, err
			}
			return in.CallBlock(h, "to_h", c.Block)
		})
	}
	k.Define("to_s", 0, 0, func(c *Call) (Value, error) { return Str("ENV"), nil })
	for _, name := range []string{"each", "each_pair", "map", "select", "filter", "reject", "keys", "values", "any?", "all?", "find", "inspect",
		"size", "length", "empty?", "slice", "values_at", "sort", "sort_by", "to_a", "key", "value?", "has_value?", "count", "each_with_object", "filter_map", "dig", "except"} {
		k.Define(name, 0, -1, func(c *Call) (Value, error) {
			h, err := in.environ()
			if err != nil {
				return nil, err
			}
			return in.send(c.frame, h, name, c.Args, c.Block, sendPublic)
		})
	}
	k.Define("clear", 0, 0, func(c *Call) (Value, error) { return nil, in.unsupported("ENV.clear") })
	k.Define("replace", 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("ENV.replace") })
}
