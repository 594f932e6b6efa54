package ruby

import (
	"math"
	"math/big"
	"strings"
)

// bootNumeric defines what Integer and Float share.
func (in *Interp) bootNumeric() {
	n := in.numeric
	for _, class := range []*Class{in.integer, in.float} {
		in.noInstances(class)
	}
	for _, op := range []string{"+", "-", "*", "/", "%", "**"} {
		n.Define(op, 1, 1, func(c *Call) (Value, error) { return in.arithmetic(op, c.Self, c.Args[0]) })
	}
	n.Alias("modulo", "%")
	defer in.ownOperators()
	n.Define("pow", 1, 2, func(c *Call) (Value, error) {
		if c.Has(1) {
			a, ok := bigOf(c.Self)
			b, ok2 := bigOf(c.Args[0])
			m, ok3 := bigOf(c.Args[1])
			if !ok || !ok2 || !ok3 || m.Sign() == 0 || b.Sign() < 0 {
				return nil, in.unsupported("pow with those arguments")
			}
			return Integer(new(big.Int).Exp(a, b, m)), nil
		}
		return in.arithmetic("**", c.Self, c.Args[0])
	})
	for _, op := range []string{"<", "<=", ">", ">="} {
		n.Define(op, 1, 1, func(c *Call) (Value, error) {
			if !isNumber(c.Args[0]) {
				return nil, in.comparisonFailed(c.Self, c.Args[0])
			}
			cmp, ok := compareNumbers(c.Self, c.Args[0])
			return Bool(ok && (cmp < 0 && op[0] == '<' || cmp > 0 && op[0] == '>' || cmp == 0 && len(op) == 2)), nil
		})
	}
	n.Define("==", 1, 1, func(c *Call) (Value, error) {
		eq, err := in.Equal(c.Self, c.Args[0])
		return Bool(eq), err
	})
	n.Alias("===", "==")
	n.Define("<=>", 1, 1, func(c *Call) (Value, error) {
		if isNumber(c.Args[0]) {
			if cmp, ok := compareNumbers(c.Self, c.Args[0]); ok {
				return Int(cmp), nil
			}
		}
		return Nil{}, nil
	})
	n.Define("coerce", 1, 1, func(c *Call) (Value, error) {
		if _, ok := c.Args[0].(Int); ok {
			if _, ok := c.Self.(Int); ok {
				return NewArray(c.Args[0], c.Self), nil
			}
		}
		self, _ := toFloat(c.Self)
		return NewArray(Float(c.Float(0)), Float(self)), nil
	})
	n.Define("-@", 0, 0, func(c *Call) (Value, error) { return in.arithmetic("-", zeroLike(c.Self), c.Self) })
	n.Define("+@", 0, 0, func(c *Call) (Value, error) { return c.Self, nil })
	sign := func(v Value) int {
		cmp, _ := compareNumbers(v, Int(0))
		return cmp
	}
	n.Define("abs", 0, 0, func(c *Call) (Value, error) {
		if f, ok := c.Self.(Float); ok {
			return Float(math.Abs(float64(f))), nil
		}
		if sign(c.Self) < 0 {
			return in.arithmetic("-", Int(0), c.Self)
		}
		return c.Self, nil
	})
	n.Alias("magnitude", "abs")
	n.Define("zero?", 0, 0, func(c *Call) (Value, error) { return Bool(sign(c.Self) == 0), nil })
	n.Define("nonzero?", 0, 0, func(c *Call) (Value, error) {
		if sign(c.Self) == 0 {
			return Nil{}, nil
		}
		return c.Self, nil
	})
	n.Define("positive?", 0, 0, func(c *Call) (Value, error) { return Bool(sign(c.Self) > 0), nil })
	n.Define("negative?", 0, 0, func(c *Call) (Value, error) { return Bool(sign(c.Self) < 0), nil })
	n.Define("integer?", 0, 0, func(c *Call) (Value, error) { _, ok := c.Self.(Float); return Bool(!ok), nil })
	n.Define("real?", 0, 0, func(c *Call) (Value, error) { return True, nil })
	n.Define("to_c", 0, 0, func(c *Call) (Value, error) { return nil, in.unsupported("Complex") })
	n.Define("divmod", 1, 1, func(c *Call) (Value, error) {
		q, err := in.arithmetic("/", c.Self, c.Args[0])
		if err != nil {
			return nil, err
		}
		if f, ok := q.(Float); ok {
			if q, err = in.floatToInt(math.Floor(float64(f))); err != nil {
				return nil, err
			}
		}
		m, err := in.arithmetic("%", c.Self, c.Args[0])
		return NewArray(q, m), err
	})
	n.Define("div", 1, 1, func(c *Call) (Value, error) {
		if f, ok := toFloat(c.Args[0]); ok && f == 0 {
			return nil, in.Raise("ZeroDivisionError", "divided by 0")
		}
		q, err := in.arithmetic("/", c.Self, c.Args[0])
		if f, ok := q.(Float); ok {
			return in.floatToInt(math.Floor(float64(f)))
		}
		return q, err
	})
	n.Define("fdiv", 1, 1, func(c *Call) (Value, error) {
		a, _ := toFloat(c.Self)
		return Float(a / c.Float(0)), nil
	})
	n.Define("quo", 1, 1, func(c *Call) (Value, error) { return nil, in.unsupported("Rational") })
	n.Define("remainder", 1, 1, func(c *Call) (Value, error) {
		if a, ok := bigOf(c.Self); ok {
			if b, ok := bigOf(c.Args[0]); ok && b.Sign() != 0 {
				return Integer(new(big.Int).Rem(a, b)), nil
			}
		}
		a, _ := toFloat(c.Self)
		return Float(math.Mod(a, c.Float(0))), nil
	})
	n.Define("step", 0, 3, in.numericStep)
}

// ownOperators makes Integer and Float the owners of what they share here and have each in
// Ruby.
func (in *Interp) ownOperators() {
	for _, k := range []*Class{in.integer, in.float} {
		for _, name := range []string{"+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "==", "===", "<=>", "-@", "abs", "divmod", "fdiv", "coerce", "zero?"} {
			m := *in.numeric.methods[name]
			k.add(&m)
		}
	}
}

func zeroLike(v Value) Value {
	if _, ok := v.(Float); ok {
		return Float(math.Copysign(0, -1))
	}
	return Int(0)
}

func (in *Interp) numericStep(c *Call) (Value, error) {
	if c.Block == nil {
		return c.Enum()
	}
	keys := c.passed()
	limit, by := c.Arg(0), Value(Int(1))
	if c.Has(1) {
		by = c.Args[1]
	}
	if v := keys.Symbol("to"); v != nil {
		limit = v
	}
	if v := keys.Symbol("by"); v != nil {
		by = v
	}
	up, _ := compareNumbers(by, Int(0))
	if up == 0 {
		return nil, in.Raise("ArgumentError", "step can't be 0")
	}
	v := c.Self
	_, floatBy := by.(Float)
	if _, ok := limit.(Float); ok || floatBy {
		f, _ := toFloat(v)
		v = Float(f)
	}
	for i := 0; ; i++ {
		if !IsNil(limit) {
			if cmp, ok := compareNumbers(v, limit); !ok || cmp*up > 0 {
				return c.Self, nil
			}
		}
		if _, err := c.Yield(v); err != nil {
			return nil, err
		}
		delta, err := in.arithmetic("*", by, Int(i+1))
		if err != nil {
			return nil, err
		}
		if v, err = in.arithmetic("+", c.Self, delta); err != nil {
			return nil, err
		}
	}
}

// arithmetic is the operators of numbers.
func (in *Interp) arithmetic(op string, a, b Value) (Value, error) {
	_, aFloat := a.(Float)
	_, bFloat := b.(Float)
	if aFloat || bFloat {
		if x, ok := toFloat(a); ok {
			if y, ok := toFloat(b); ok {
				return floatArithmetic(op, x, y), nil
			}
		}
	}
	x, ok := bigOf(a)
	y, ok2 := bigOf(b)
	if ok && ok2 {
		return in.intArithmetic(op, a, b, x, y)
	}
	if o, ok := b.(*Object); ok {
		if can, err := in.responds(o, "coerce", false); err != nil {
			return nil, err
		} else if can {
			pair, err := in.Call(o, "coerce", a)
			if err != nil {
				return nil, err
			}
			if p, ok := pair.(*Array); ok && p.Len() == 2 {
				return in.Call(p.elems[0], op, p.elems[1])
			}
		}
	}
	return nil, in.Raise("TypeError", "%s can't be coerced into %s", in.described(b), in.ClassOf(a).Name())
}

func (in *Interp) intArithmetic(op string, a, b Value, x, y *big.Int) (Value, error) {
	if p, ok := a.(Int); ok {
		if q, ok := b.(Int); ok && p > -1<<31 && p < 1<<31 && q > -1<<31 && q < 1<<31 {
			switch op {
			case "+":
				return p + q, nil
			case "-":
				return p - q, nil
			case "*":
				return p * q, nil
			}
		}
	}
	r := new(big.Int)
	switch op {
	case "+":
		r.Add(x, y)
	case "-":
		r.Sub(x, y)
	case "*":
		if err := in.chargeBits(x.BitLen() + y.BitLen()); err != nil {
			return nil, err
		}
		r.Mul(x, y)
	case "/", "%":
		if y.Sign() == 0 {
			return nil, in.Raise("ZeroDivisionError", "divided by 0")
		}
		m := new(big.Int)
		r.QuoRem(x, y, m)
		// Ruby rounds down, Go towards zero.
		if m.Sign() != 0 && m.Sign() != y.Sign() {
			r.Sub(r, big.NewInt(1))
			m.Add(m, y)
		}
		if op == "%" {
			r = m
		}
	case "**":
		if y.Sign() < 0 {
			return nil, in.unsupported("Rational (a negative power of an Integer)")
		}
		bits := float64(x.BitLen()) * bigAsFloat(y)
		if err := in.chargeBits(int(min(bits, 1<<40))); err != nil {
			return nil, err
		}
		r.Exp(x, y, nil)
	}
	return Integer(r), nil
}

// chargeBits counts a large Integer against steps and bytes: what is done with it takes time
// by its size.
func (in *Interp) chargeBits(bits int) error {
	const most = 1 << 20
	if bits > most {
		return &Exhausted{in.pos, "Integers of 300000 digits"}
	}
	in.steps += bits / 64
	return in.reserve(int64(bits) / 8)
}

func bigAsFloat(n *big.Int) float64 {
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}

func floatArithmetic(op string, x, y float64) Value {
	switch op {
	case "+":
		return Float(x + y)
	case "-":
		return Float(x - y)
	case "*":
		return Float(x * y)
	case "/":
		return Float(x / y)
	case "%":
		m := math.Mod(x, y)
		if m != 0 && (m < 0) != (y < 0) {
			m += y
		}
		return Float(m)
	}
	return Float(math.Pow(x, y))
}

func (in *Interp) bootInteger() {
	k := in.integer
	def := func(name string, min, max int, fn func(c *Call, n *big.Int) (Value, error)) {
		k.Define(name, min, max, func(c *Call) (Value, error) {
			n, _ := bigOf(c.Self)
			return fn(c, n)
		})
	}
	def("to_s", 0, 1, func(c *Call, n *big.Int) (Value, error) {
		base := c.OptInt(0, 10)
		if base < 2 || base > 36 {
			return nil, in.Raise("ArgumentError", "invalid radix %d", base)
		}
		return c.Text(n.Text(base)), nil
	})
	k.Alias("inspect", "to_s")
	self := func(c *Call, n *big.Int) (Value, error) { return c.Self, nil }
	for _, name := range []string{"to_i", "to_int", "ord", "numerator"} {
		def(name, 0, 0, self)
	}
	def("to_f", 0, 0, func(c *Call, n *big.Int) (Value, error) { f, _ := toFloat(c.Self); return Float(f), nil })
	def("to_r", 0, 0, func(c *Call, n *big.Int) (Value, error) { return nil, in.unsupported("Rational") })
	def("chr", 0, 1, func(c *Call, n *big.Int) (Value, error) {
		code := n.Int64()
		if !n.IsInt64() || code < 0 || code > 0x10ffff || code > 255 && !c.Has(0) {
			return nil, in.Raise("RangeError", "%s out of char range", n)
		}
		if c.Has(0) || code < 128 {
			return Str(string(rune(code))), nil
		}
		return Binary([]byte{byte(code)}), nil
	})
	def("times", 0, 0, func(c *Call, n *big.Int) (Value, error) {
		if c.Block == nil {
			return c.Enum()
		}
		for i := Int(0); n.IsInt64() && int64(i) < n.Int64(); i++ {
			if _, err := c.Yield(i); err != nil {
				return nil, err
			}
		}
		return c.Self, nil
	})
	walk := func(name string, by int64) {
		def(name, 1, 1, func(c *Call, n *big.Int) (Value, error) {
			if c.Block == nil {
				return c.Enum()
			}
			for i := n.Int64(); ; i += by {
				cmp, ok := compareNumbers(Int(i), c.Args[0])
				if !isNumber(c.Args[0]) {
					return nil, in.comparisonFailed(c.Self, c.Args[0])
				}
				if !ok || cmp*int(by) > 0 {
					return c.Self, nil
				}
				if _, err := c.Yield(Int(i)); err != nil {
					return nil, err
				}
			}
		})
	}
	walk("upto", 1)
	walk("downto", -1)
	def("succ", 0, 0, func(c *Call, n *big.Int) (Value, error) { return in.arithmetic("+", c.Self, Int(1)) })
	k.Alias("next", "succ")
	def("pred", 0, 0, func(c *Call, n *big.Int) (Value, error) { return in.arithmetic("-", c.Self, Int(1)) })
	def("even?", 0, 0, func(c *Call, n *big.Int) (Value, error) { return Bool(n.Bit(0) == 0), nil })
	def("odd?", 0, 0, func(c *Call, n *big.Int) (Value, error) { return Bool(n.Bit(0) == 1), nil })
	def("digits", 0, 1, func(c *Call, n *big.Int) (Value, error) {
		if n.Sign() < 0 {
			return nil, in.Raise("Math::DomainError", "out of domain")
		}
		base := big.NewInt(int64(c.OptInt(0, 10)))
		list, rest := NewArray(), new(big.Int).Set(n)
		for {
			m := new(big.Int)
			rest.QuoRem(rest, base, m)
			list.elems = append(list.elems, Integer(m))
			if rest.Sign() == 0 {
				return list, nil
			}
		}
	})
	def("gcd", 1, 1, func(c *Call, n *big.Int) (Value, error) {
		return Integer(new(big.Int).GCD(nil, nil, new(big.Int).Abs(n), new(big.Int).Abs(big.NewInt(int64(c.Int(0)))))), nil
	})
	def("lcm", 1, 1, func(c *Call, n *big.Int) (Value, error) {
		m := big.NewInt(int64(c.Int(0)))
		g := new(big.Int).GCD(nil, nil, new(big.Int).Abs(n), new(big.Int).Abs(m))
		if g.Sign() == 0 {
			return Int(0), nil
		}
		return Integer(new(big.Int).Abs(new(big.Int).Div(new(big.Int).Mul(n, m), g))), nil
	})
	def("bit_length", 0, 0, func(c *Call, n *big.Int) (Value, error) {
		if n.Sign() < 0 {
			return Int(new(big.Int).Not(n).BitLen()), nil
		}
		return Int(n.BitLen()), nil
	})
	def("size", 0, 0, func(c *Call, n *big.Int) (Value, error) { return Int(max(8, (n.BitLen()+63)/64*8)), nil })
	def("hash", 0, 0, func(c *Call, n *big.Int) (Value, error) { return Int(fnv(n.String())), nil })
	in.bitwise(def)
	in.rounding(def)
	k.DefineSingleton("sqrt", 1, 1, func(c *Call) (Value, error) {
		n, ok := bigOf(c.Args[0])
		if !ok {
			n = big.NewInt(int64(c.Int(0)))
		}
		if n.Sign() < 0 {
			return nil, in.Raise("Math::DomainError", `Numerical argument is out of domain - "isqrt"`)
		}
		return Integer(new(big.Int).Sqrt(n)), nil
	})
}

func (in *Interp) bitwise(def func(name string, min, max int, fn func(c *Call, n *big.Int) (Value, error))) {
	op := func(name string, fn func(a, b *big.Int) *big.Int) {
		def(name, 1, 1, func(c *Call, n *big.Int) (Value, error) {
			b, ok := bigOf(c.Args[0])
			if !ok {
				return nil, in.Raise("TypeError", "%s can't be coerced into Integer", in.described(c.Args[0]))
			}
			return Integer(fn(n, b)), nil
		})
	}
	op("&", func(a, b *big.Int) *big.Int { return new(big.Int).And(a, b) })
	op("|", func(a, b *big.Int) *big.Int { return new(big.Int).Or(a, b) })
	op("^", func(a, b *big.Int) *big.Int { return new(big.Int).Xor(a, b) })
	def("~", 0, 0, func(c *Call, n *big.Int) (Value, error) { return Integer(new(big.Int).Not(n)), nil })
	shift := func(n *big.Int, by int) (Value, error) {
		if by < 0 {
			return Integer(new(big.Int).Rsh(n, uint(min(-by, 1<<30)))), nil
		}
		if err := in.chargeBits(n.BitLen() + min(by, 1<<40)); err != nil {
			return nil, err
		}
		return Integer(new(big.Int).Lsh(n, uint(by))), nil
	}
	def("<<", 1, 1, func(c *Call, n *big.Int) (Value, error) { return shift(n, c.Int(0)) })
	def(">>", 1, 1, func(c *Call, n *big.Int) (Value, error) { return shift(n, -c.Int(0)) })
	def("[]", 1, 1, func(c *Call, n *big.Int) (Value, error) {
		i := c.Int(0)
		if i < 0 {
			return Int(0), nil
		}
		return Int(new(big.Int).And(new(big.Int).Rsh(n, uint(i)), big.NewInt(1)).Int64()), nil
	})
	for _, name := range []string{"allbits?", "anybits?", "nobits?"} {
		def(name, 1, 1, func(c *Call, n *big.Int) (Value, error) {
			mask := big.NewInt(int64(c.Int(0)))
			r := new(big.Int).And(n, mask)
			switch name {
			case "allbits?":
				return Bool(r.Cmp(mask) == 0), nil
			case "anybits?":
				return Bool(r.Sign() != 0), nil
			}
			return Bool(r.Sign() == 0), nil
		})
	}
}

// rounding is round, floor, ceil and truncate of Integers: only negative digits matter.
func (in *Interp) rounding(def func(name string, min, max int, fn func(c *Call, n *big.Int) (Value, error))) {
	for _, name := range []string{"round", "floor", "ceil", "truncate"} {
		def(name, 0, 2, func(c *Call, n *big.Int) (Value, error) {
			keys := c.passed()
			digits := c.OptInt(0, 0)
			if digits >= 0 {
				return c.Self, nil
			}
			if digits < -10000 {
				return Int(0), nil
			}
			unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil)
			q, m := new(big.Int).DivMod(n, unit, new(big.Int))
			up := false
			switch name {
			case "ceil":
				up = m.Sign() != 0
			case "truncate":
				up = m.Sign() != 0 && n.Sign() < 0
			case "round":
				cmp := new(big.Int).Lsh(m, 1).Cmp(unit)
				half, _ := keys.Symbol("half").(Symbol)
				switch {
				case cmp != 0:
					up = cmp > 0
				case strings.EqualFold(string(half), "even"):
					up = q.Bit(0) == 1
				case strings.EqualFold(string(half), "down"):
					up = n.Sign() < 0
				default:
					up = n.Sign() > 0
				}
			}
			if up {
				q.Add(q, big.NewInt(1))
			}
			return Integer(q.Mul(q, unit)), nil
		})
	}
}
