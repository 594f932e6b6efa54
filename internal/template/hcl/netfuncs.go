package hcl

import (
	"errors"
	"math/big"
	"net/netip"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/gocty"
)

// netFunctions compute with address ranges such as "10.0.0.0/8" and "fd00::/8".
func netFunctions() map[string]function.Function {
	prefix := function.Parameter{Name: "prefix", Type: cty.String}
	number := func(name string) function.Parameter { return function.Parameter{Name: name, Type: cty.Number} }
	return map[string]function.Function{
		"cidrhost": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("hostnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0])
				if err != nil {
					return cty.UnknownVal(cty.String), err
				}
				n, _ := args[1].AsBigFloat().Int(nil)
				a, err := host(p, n)
				return cty.StringVal(a.String()), err
			},
		}),
		"cidrnetmask": function.New(&function.Spec{
			Params: []function.Parameter{prefix},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0])
				if err != nil {
					return cty.UnknownVal(cty.String), err
				}
				return cty.StringVal(netmask(p).String()), nil
			},
		}),
		"cidrsubnet": function.New(&function.Spec{
			Params: []function.Parameter{prefix, number("newbits"), number("netnum")},
			Type:   function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0])
				if err != nil {
					return cty.UnknownVal(cty.String), err
				}
				bits, err := longer(p, args[1], 1)
				if err != nil {
					return cty.UnknownVal(cty.String), err
				}
				n, _ := args[2].AsBigFloat().Int(nil)
				s, err := subnet(p, bits, n)
				return cty.StringVal(s.String()), err
			},
		}),
		"cidrsubnets": function.New(&function.Spec{
			Params:   []function.Parameter{prefix},
			VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
			Type:     function.StaticReturnType(cty.List(cty.String)),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				p, err := parsePrefix(args[0])
				if err != nil {
					return cty.UnknownVal(cty.List(cty.String)), err
				}
				return subnets(p, args[1:])
			},
		}),
	}
}

func parsePrefix(v cty.Value) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(v.AsString())
	if err != nil {
		return p, function.NewArgErrorf(0, "%q is not an address range such as \"10.0.0.0/8\"", v.AsString())
	}
	return p.Masked(), nil
}

// longer gives the length of a prefix that has some bits more.
func longer(p netip.Prefix, more cty.Value, arg int) (int, error) {
	var n int
	if err := gocty.FromCtyValue(more, &n); err != nil {
		return 0, function.NewArgError(arg, err)
	}
	switch {
	case n < 0:
		return 0, function.NewArgError(arg, errors.New("a prefix cannot become shorter"))
	case n > 32:
		return 0, function.NewArgError(arg, errors.New("a prefix may become 32 bits longer at most"))
	case p.Bits()+n > p.Addr().BitLen():
		return 0, function.NewArgErrorf(arg, "a prefix of %d bits has no room for %d more", p.Bits(), n)
	}
	return p.Bits() + n, nil
}

// host is the address of a number in a range; negative ones count from its end.
func host(p netip.Prefix, n *big.Int) (netip.Addr, error) {
	size := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
	at := new(big.Int).Set(n)
	if n.Sign() < 0 {
		at.Add(at, size)
	}
	if at.Sign() < 0 || at.Cmp(size) >= 0 {
		return netip.Addr{}, function.NewArgErrorf(1, "a prefix of %d bits has no host %s", p.Bits(), n)
	}
	return plus(p.Addr(), at), nil
}

func subnet(p netip.Prefix, bits int, n *big.Int) (netip.Prefix, error) {
	count := new(big.Int).Lsh(big.NewInt(1), uint(bits-p.Bits()))
	if n.Sign() < 0 || n.Cmp(count) >= 0 {
		return netip.Prefix{}, function.NewArgErrorf(2, "%d more bits have no network %s", bits-p.Bits(), n)
	}
	at := new(big.Int).Lsh(n, uint(p.Addr().BitLen()-bits))
	return netip.PrefixFrom(plus(p.Addr(), at), bits), nil
}

// subnets cuts ranges out of p, one after the other, each at a multiple of its size.
func subnets(p netip.Prefix, newbits []cty.Value) (cty.Value, error) {
	none := cty.UnknownVal(cty.List(cty.String))
	if len(newbits) == 0 {
		return cty.ListValEmpty(cty.String), nil
	}
	width := p.Addr().BitLen()
	next := big.NewInt(0) // from the begin of p
	end := new(big.Int).Lsh(big.NewInt(1), uint(width-p.Bits()))
	var out []cty.Value
	for i, more := range newbits {
		bits, err := longer(p, more, i+1)
		if err != nil {
			return none, err
		}
		size := new(big.Int).Lsh(big.NewInt(1), uint(width-bits))
		if rest := new(big.Int).Mod(next, size); rest.Sign() > 0 {
			next.Add(next, size).Sub(next, rest)
		}
		after := new(big.Int).Add(next, size)
		if after.Cmp(end) > 0 {
			return none, function.NewArgErrorf(i+1, "no room is left in %s for a prefix of %d bits", p, bits)
		}
		out = append(out, cty.StringVal(netip.PrefixFrom(plus(p.Addr(), next), bits).String()))
		next = after
	}
	return cty.ListVal(out), nil
}

// plus adds to an address; the caller knows that the result fits.
func plus(a netip.Addr, n *big.Int) netip.Addr {
	raw := a.AsSlice()
	sum := new(big.Int).Add(new(big.Int).SetBytes(raw), n)
	out, _ := netip.AddrFromSlice(sum.FillBytes(raw))
	return out
}

func netmask(p netip.Prefix) netip.Addr {
	raw := make([]byte, p.Addr().BitLen()/8)
	for i := range p.Bits() {
		raw[i/8] |= 0x80 >> (i % 8)
	}
	out, _ := netip.AddrFromSlice(raw)
	return out
}
