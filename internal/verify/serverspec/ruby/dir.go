package ruby

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

func (in *Interp) bootDir() {
	k := in.DefineClass("Dir", in.Object)
	pwd := func(c *Call) (Value, error) {
		s, err := in.world.Getwd(in.Place("Getwd"))
		return Str(s), in.worldError(err, "")
	}
	k.DefineSingleton("pwd", 0, 0, pwd)
	k.DefineSingleton("getwd", 0, 0, pwd)
	k.DefineSingleton("home", 0, 1, func(c *Call) (Value, error) {
		s, err := in.expandPath("~"+c.OptStr(0, ""), "")
		return Str(s), err
	})
	k.DefineSingleton("tmpdir", 0, 0, func(c *Call) (Value, error) {
		v, err := in.env("TMPDIR")
		if err == nil && IsNil(v) {
			v = Str("/tmp")
		}
		return v, err
	})
	for _, name := range []string{"exist?", "exists?"} {
		k.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			i, err := in.stat(c.pathArg(0), true)
			return Bool(i != nil && i.IsDir()), err
		})
	}
	list := func(c *Call) ([]string, error) {
		names, err := in.world.ReadDir(in.Place("ReadDir"), c.pathArg(0))
		return names, in.worldError(err, "dir_initialize - "+c.pathArg(0))
	}
	k.DefineSingleton("children", 1, 2, func(c *Call) (Value, error) {
		names, err := list(c)
		return NewArray(stringValues(names, false)...), err
	})
	k.DefineSingleton("entries", 1, 2, func(c *Call) (Value, error) {
		names, err := list(c)
		return NewArray(stringValues(append([]string{".", ".."}, names...), false)...), err
	})
	for _, name := range []string{"each_child", "foreach"} {
		k.DefineSingleton(name, 1, 2, func(c *Call) (Value, error) {
			names, err := list(c)
			if err != nil {
				return nil, err
			}
			if name == "foreach" {
				names = append([]string{".", ".."}, names...)
			}
			for _, n := range names {
				if _, err := c.Yield(Str(n)); err != nil {
					return nil, err
				}
			}
			return Nil{}, nil
		})
	}
	k.DefineSingleton("empty?", 1, 1, func(c *Call) (Value, error) {
		names, err := in.world.ReadDir(in.Place("ReadDir"), c.pathArg(0))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			return False, nil
		}
		return Bool(len(names) == 0), in.worldError(err, "")
	})
	glob := func(c *Call) (Value, error) { return in.globMethod(c) }
	k.DefineSingleton("glob", 1, -1, glob)
	k.DefineSingleton("[]", 0, -1, glob)
	k.DefineSingleton("chdir", 0, 1, in.chdir)
	k.DefineSingleton("mktmpdir", 0, 3, in.mktmpdir)
	k.DefineSingleton("chroot", 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("Dir.chroot") })
}

func (in *Interp) globMethod(c *Call) (Value, error) {
	keys := c.passed()
	base := ""
	if v := keys.Symbol("base"); v != nil && !IsNil(v) {
		base = c.str(v).String()
	}
	var patterns []string
	for i, a := range c.Args {
		if list, ok := a.(*Array); ok {
			for _, v := range list.elems {
				patterns = append(patterns, c.str(v).String())
			}
			continue
		}
		if i > 0 && isNumber(a) {
			continue // flags
		}
		patterns = append(patterns, c.pathArg(i))
	}
	var found []string
	for _, p := range patterns {
		alternatives, err := in.expandBraces(p)
		if err != nil {
			return nil, err
		}
		for _, alternative := range alternatives {
			if err := in.glob(&found, base, "", strings.Split(alternative, "/")); err != nil {
				return nil, err
			}
		}
	}
	values := stringValues(found, false)
	if c.Block == nil {
		return c.List(values), nil
	}
	for _, v := range values {
		if _, err := c.Yield(v); err != nil {
			return nil, err
		}
	}
	return Nil{}, nil
}

// expandBraces resolves {a,b}, also within each other.
func (in *Interp) expandBraces(p string) ([]string, error) {
	if len(p) > 4096 {
		return nil, in.unsupported("so long a file pattern")
	}
	if err := in.reserve(int64(len(p)) + 32); err != nil {
		return nil, err
	}
	open, depth := -1, 0
	var cuts []int
	for i := range len(p) {
		switch {
		case p[i] == '{':
			if depth == 0 {
				open = i
			}
			depth++
		case p[i] == ',' && depth == 1:
			cuts = append(cuts, i)
		case p[i] == '}' && depth > 0:
			if depth--; depth > 0 {
				continue
			}
			var out []string
			from := open + 1
			for _, cut := range append(cuts, i) {
				list, err := in.expandBraces(p[:open] + p[from:cut] + p[i+1:])
				if err != nil {
					return nil, err
				}
				out = append(out, list...)
				from = cut + 1
			}
			return out, nil
		}
	}
	return []string{p}, nil
}

// glob adds what matches the rest of a pattern below a directory.
func (in *Interp) glob(found *[]string, base, at string, parts []string) error {
	if err := in.step(); err != nil {
		return err
	}
	under := func(name string) string {
		switch {
		case at == "":
			return name
		case strings.HasSuffix(at, "/"):
			return at + name
		}
		return at + "/" + name
	}
	real := func(p string) string { return path.Join(base, orName(p, ".")) }
	if len(parts) == 0 {
		i, err := in.stat(real(at), false)
		if err == nil && i != nil {
			*found = append(*found, at)
			err = in.reserve(int64(len(at)) + 32)
		}
		return err
	}
	part, rest := parts[0], parts[1:]
	switch {
	case part == "" && at == "" && len(rest) > 0:
		return in.glob(found, base, "/", rest)
	case part == "" && at == "":
		return nil
	case part == "":
		i, err := in.stat(real(at), true)
		if err == nil && i != nil && i.IsDir() && len(rest) == 0 {
			*found = append(*found, strings.TrimSuffix(at, "/")+"/")
			return nil
		}
		if err != nil || len(rest) == 0 {
			return err
		}
		return in.glob(found, base, at, rest)
	case part == "**" && len(rest) > 0:
		if err := in.glob(found, base, at, rest); err != nil {
			return err
		}
		names, err := in.namesIn(real(at))
		if err != nil {
			return err
		}
		for _, n := range names {
			if strings.HasPrefix(n, ".") {
				continue
			}
			i, err := in.stat(real(under(n)), false)
			if err != nil {
				return err
			}
			if i != nil && i.IsDir() {
				if err := in.glob(found, base, under(n), parts); err != nil {
					return err
				}
			}
		}
		return nil
	case !strings.ContainsAny(part, `*?[\`):
		return in.glob(found, base, under(part), rest)
	}
	pattern, err := in.globPattern(part, 2)
	if err != nil {
		return err
	}
	names, err := in.namesIn(real(at))
	if err != nil {
		return err
	}
	for _, n := range names {
		m, err := in.match1(pattern, Str(n), 0)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		if len(rest) > 0 {
			i, err := in.stat(real(under(n)), true)
			if err != nil || i == nil || !i.IsDir() {
				if err != nil {
					return err
				}
				continue
			}
		}
		if err := in.glob(found, base, under(n), rest); err != nil {
			return err
		}
	}
	return nil
}

// namesIn is the names in a directory, or none where it is no directory.
func (in *Interp) namesIn(dir string) ([]string, error) {
	names, err := in.world.ReadDir(in.Place("ReadDir"), dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, in.worldError(err, dir)
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return names, nil
}

// globPattern makes a regular expression of a shell's pattern. Flags are those of
// File.fnmatch.
func (in *Interp) globPattern(p string, flags int) (*Regexp, error) {
	pathname, dots := flags&2 != 0, flags&4 != 0
	var b strings.Builder
	b.WriteString(`\A(?:`)
	alternatives := []string{p}
	if flags&16 != 0 {
		var err error
		if alternatives, err = in.expandBraces(p); err != nil {
			return nil, err
		}
	}
	any := "."
	if pathname {
		any = "[^/]"
	}
	for n, p := range alternatives {
		if n > 0 {
			b.WriteByte('|')
		}
		if !dots && (strings.HasPrefix(p, "*") || strings.HasPrefix(p, "?") || strings.HasPrefix(p, "[")) {
			b.WriteString(`(?!\.)`)
		}
		for i := 0; i < len(p); i++ {
			switch ch := p[i]; ch {
			case '*':
				if pathname && strings.HasPrefix(p[i:], "**/") {
					b.WriteString(`(?:(?!\.)[^/]+/)*`)
					i += 2
					continue
				}
				b.WriteString(any + "*")
			case '?':
				b.WriteString(any)
			case '[':
				end := strings.IndexByte(p[min(i+2, len(p)):], ']')
				if end < 0 {
					b.WriteString(`\[`)
					continue
				}
				set := p[i+1 : min(i+2, len(p))+end]
				set = strings.Replace(set, "!", "^", strings.Count(set[:1], "!"))
				b.WriteString("[" + set + "]")
				i = min(i+2, len(p)) + end
			case '\\':
				if i+1 < len(p) {
					i++
				}
				b.WriteString(quoteRegexp(p[i : i+1]))
			default:
				if ch < 0x80 {
					b.WriteString(quoteRegexp(p[i : i+1]))
				} else {
					b.WriteByte(ch)
				}
			}
		}
	}
	options := "m"
	if flags&8 != 0 {
		options += "i"
	}
	return in.newRegexp(b.String()+`)\z`, options)
}
