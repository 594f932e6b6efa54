package ruby

import (
	"math"
)

func (in *Interp) bootFloat() {
	k := in.float
	def := func(name string, min, max int, fn func(c *Call, f float64) (Value, error)) {
		k.Define(name, min, max, on(func(c *Call, f Float) (Value, error) { return fn(c, float64(f)) }))
	}
	def("to_s", 0, 0, func(c *Call, f float64) (Value, error) { return Str(formatFloat(f)), nil })
	k.Alias("inspect", "to_s")
	def("to_f", 0, 0, func(c *Call, f float64) (Value, error) { return Float(f), nil })
	def("to_i", 0, 0, func(c *Call, f float64) (Value, error) { return in.floatToInt(math.Trunc(f)) })
	k.Alias("to_int", "to_i")
	def("to_r", 0, 0, func(c *Call, f float64) (Value, error) { return nil, in.unsupported("Rational") })
	def("nan?", 0, 0, func(c *Call, f float64) (Value, error) { return Bool(math.IsNaN(f)), nil })
	def("finite?", 0, 0, func(c *Call, f float64) (Value, error) {
		return Bool(!math.IsNaN(f) && !math.IsInf(f, 0)), nil
	})
	def("infinite?", 0, 0, func(c *Call, f float64) (Value, error) {
		switch {
		case math.IsInf(f, 1):
			return Int(1), nil
		case math.IsInf(f, -1):
			return Int(-1), nil
		}
		return Nil{}, nil
	})
	round := func(name string, whole func(float64) float64) {
		def(name, 0, 2, func(c *Call, f float64) (Value, error) {
			keys := c.passed()
			digits := c.OptInt(0, 0)
			if half, ok := keys.Symbol("half").(Symbol); ok && half == "even" && digits == 0 {
				return in.floatToInt(math.RoundToEven(f))
			}
			switch {
			case digits > 0:
				if digits > 15 || math.IsNaN(f) || math.IsInf(f, 0) {
					return Float(f), nil
				}
				return Float(roundDigits(f, digits, whole, name)), nil
			case digits < 0:
				n, err := in.floatToInt(math.Trunc(f))
				if err != nil {
					return nil, err
				}
				return in.Call(n, name, Int(digits))
			}
			return in.floatToInt(whole(f))
		})
	}
	round("round", math.Round)
	round("floor", math.Floor)
	round("ceil", math.Ceil)
	round("truncate", math.Trunc)
	k.SetConst("INFINITY", Float(math.Inf(1)))
	k.SetConst("NAN", Float(math.NaN()))
	k.SetConst("EPSILON", Float(math.Nextafter(1, 2)-1))
	k.SetConst("MAX", Float(math.MaxFloat64))
	k.SetConst("MIN", Float(2.2250738585072014e-308))
	k.SetConst("DIG", Int(15))
	in.integer.SetConst("MAX", Int(math.MaxInt64))
	delete(in.integer.consts, "MAX")
	in.integer.constList = nil
}

// roundDigits rounds after the point. What the scaled number lost in its last bit is put
// right by scaling back, which Ruby does the same way.
func roundDigits(f float64, digits int, whole func(float64) float64, name string) float64 {
	scale := math.Pow(10, float64(digits))
	x := whole(f * scale)
	switch name {
	case "round":
		half := math.Copysign(0.5, f)
		if math.Abs((x+half)/scale) <= math.Abs(f) {
			x += 2 * half
		}
	case "floor":
		if r := (x + 1) / scale; r <= f {
			return r
		}
	case "ceil":
		if r := (x - 1) / scale; r >= f {
			return r
		}
	}
	return x / scale
}

func (in *Interp) bootMath() {
	m := in.DefineModule("Math")
	in.DefineClassIn(m, "DomainError", in.errorClass("ArgumentError"))
	m.SetConst("PI", Float(math.Pi))
	m.SetConst("E", Float(math.E))
	one := func(name string, fn func(float64) float64) {
		m.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			x := c.Float(0)
			v := fn(x)
			if math.IsNaN(v) && !math.IsNaN(x) {
				d := m.consts["DomainError"].(*Class)
				return nil, in.RaiseClass(d, `Numerical argument is out of domain - "%s"`, name)
			}
			return Float(v), nil
		})
	}
	one("sqrt", math.Sqrt)
	one("cbrt", math.Cbrt)
	one("sin", math.Sin)
	one("cos", math.Cos)
	one("tan", math.Tan)
	one("atan", math.Atan)
	one("exp", math.Exp)
	one("log2", math.Log2)
	one("log10", math.Log10)
	m.DefineSingleton("log", 1, 2, func(c *Call) (Value, error) {
		if c.Float(0) < 0 {
			return nil, in.RaiseClass(m.consts["DomainError"].(*Class), `Numerical argument is out of domain - "log"`)
		}
		v := math.Log(c.Float(0))
		if c.Has(1) {
			v /= math.Log(c.Float(1))
		}
		return Float(v), nil
	})
	two := func(name string, fn func(a, b float64) float64) {
		m.DefineSingleton(name, 2, 2, func(c *Call) (Value, error) { return Float(fn(c.Float(0), c.Float(1))), nil })
	}
	two("pow", math.Pow)
	two("hypot", math.Hypot)
	two("atan2", math.Atan2)
}
