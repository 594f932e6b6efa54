package ruby

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// pathArg is an argument that names a file: a String, or what has to_path.
func (c *Call) pathArg(i int) string {
	v := c.Arg(i)
	if o, ok := v.(*Object); ok {
		if d, ok := o.Data.(*stream); ok && d.path != "" {
			return d.path
		}
		if c.In.findMethod(c.In.dispatchClass(o), "to_path") != nil {
			s, err := c.In.callText(o, "to_path")
			if err != nil {
				panic(abort{err})
			}
			return s
		}
	}
	return c.Str(i)
}

func (in *Interp) bootFile() {
	io := in.DefineClass("IO", in.Object)
	k := in.DefineClass("File", io)
	k.SetConst("SEPARATOR", Str("/").frozenCopy())
	k.SetConst("Separator", k.consts["SEPARATOR"])
	k.SetConst("PATH_SEPARATOR", Str(":").frozenCopy())
	k.SetConst("ALT_SEPARATOR", Nil{})
	constants := in.DefineModuleIn(k, "Constants")
	for name, n := range map[string]Int{"FNM_PATHNAME": 2, "FNM_DOTMATCH": 4, "FNM_CASEFOLD": 8, "FNM_EXTGLOB": 16, "FNM_NOESCAPE": 1} {
		constants.SetConst(name, n)
		k.SetConst(name, n)
	}
	in.fileNames(k)
	in.fileTests(k)
	in.fileContent(io)
	for _, name := range []string{"chown", "utime", "truncate", "mkfifo"} {
		k.DefineSingleton(name, 0, -1, func(c *Call) (Value, error) { return nil, in.unsupported("File." + name + " (specs write no files)") })
	}
}

func (in *Interp) fileNames(k *Class) {
	def := func(name string, min, max int, fn func(c *Call) (string, error)) {
		k.DefineSingleton(name, min, max, func(c *Call) (Value, error) {
			s, err := fn(c)
			return Str(s), err
		})
	}
	def("join", 0, -1, func(c *Call) (string, error) {
		var parts []string
		for i := range c.Args {
			if a, ok := c.Args[i].(*Array); ok {
				for _, v := range a.elems {
					s, err := in.ToS(v)
					if err != nil {
						return "", err
					}
					parts = append(parts, s)
				}
				continue
			}
			parts = append(parts, c.pathArg(i))
		}
		return joinPath(parts), nil
	})
	def("basename", 1, 2, func(c *Call) (string, error) {
		p := c.pathArg(0)
		base := path.Base(p)
		if p == "" {
			return "", nil
		}
		if suffix := c.OptStr(1, ""); suffix == ".*" {
			return strings.TrimSuffix(base, extname(base)), nil
		} else if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		return base, nil
	})
	def("dirname", 1, 2, func(c *Call) (string, error) {
		p := strings.TrimRight(c.pathArg(0), "/")
		i := strings.LastIndexByte(p, '/')
		switch {
		case p == "" && c.pathArg(0) != "":
			return "/", nil
		case i < 0:
			return ".", nil
		}
		if dir := strings.TrimRight(p[:i], "/"); dir != "" {
			return dir, nil
		}
		return "/", nil
	})
	def("extname", 1, 1, func(c *Call) (string, error) { return extname(path.Base(c.pathArg(0))), nil })
	def("expand_path", 1, 2, func(c *Call) (string, error) {
		base := ""
		if !IsNil(c.Arg(1)) {
			base = c.pathArg(1)
		}
		return in.expandPath(c.pathArg(0), base)
	})
	def("absolute_path", 1, 2, func(c *Call) (string, error) {
		base := ""
		if !IsNil(c.Arg(1)) {
			base = c.pathArg(1)
		}
		return in.expandPath(c.pathArg(0), base)
	})
	k.DefineSingleton("absolute_path?", 1, 1, func(c *Call) (Value, error) { return Bool(strings.HasPrefix(c.pathArg(0), "/")), nil })
	def("path", 1, 1, func(c *Call) (string, error) { return c.pathArg(0), nil })
	k.DefineSingleton("split", 1, 1, func(c *Call) (Value, error) {
		dir, err := in.Call(k, "dirname", c.Args...)
		if err != nil {
			return nil, err
		}
		base, err := in.Call(k, "basename", c.Args...)
		return NewArray(dir, base), err
	})
	for _, name := range []string{"fnmatch", "fnmatch?"} {
		k.DefineSingleton(name, 2, 3, func(c *Call) (Value, error) {
			flags := c.OptInt(2, 0)
			pattern, err := in.globPattern(c.Str(0), flags)
			if err != nil {
				return nil, err
			}
			m, err := in.match1(pattern, Str(c.pathArg(1)), 0)
			return Bool(m != nil), err
		})
	}
}

func joinPath(parts []string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			s := b.String()
			switch {
			case strings.HasSuffix(s, "/") && strings.HasPrefix(p, "/"):
				trimmed := strings.TrimRight(s, "/")
				b.Reset()
				b.WriteString(trimmed)
			case !strings.HasSuffix(s, "/") && !strings.HasPrefix(p, "/"):
				b.WriteByte('/')
			}
		}
		b.WriteString(p)
	}
	return b.String()
}

func extname(base string) string {
	trimmed := strings.TrimLeft(base, ".")
	i := strings.LastIndexByte(trimmed, '.')
	if i < 0 || i == 0 {
		return ""
	}
	return trimmed[i:]
}

// expandPath makes a path absolute, with ~ and .. resolved by the text alone.
func (in *Interp) expandPath(p, base string) (string, error) {
	if p == "~" || strings.HasPrefix(p, "~/") {
		home, err := in.env("HOME")
		if err != nil {
			return "", err
		}
		s, ok := home.(*String)
		if !ok {
			return "", in.Raise("ArgumentError", "couldn't find HOME environment -- expanding `~'")
		}
		return path.Join(s.String(), strings.TrimPrefix(p, "~")), nil
	}
	if strings.HasPrefix(p, "/") {
		return path.Clean(p), nil
	}
	if strings.HasPrefix(p, "~") {
		return "", in.unsupported("the home directory of another user")
	}
	if base != "" {
		b, err := in.expandPath(base, "")
		return path.Join(b, p), err
	}
	wd, err := in.world.Getwd(in.Place("Getwd"))
	return path.Join(wd, p), in.worldError(err, "")
}

func (in *Interp) fileTests(k *Class) {
	test := in.DefineModule("FileTest")
	def := func(holds func(i fs.FileInfo) bool, names ...string) {
		for _, name := range names {
			fn := func(c *Call) (Value, error) {
				i, err := in.stat(c.pathArg(0), name != "symlink?")
				if err != nil || i == nil {
					return False, err
				}
				return Bool(holds(i)), nil
			}
			k.DefineSingleton(name, 1, 1, fn)
			test.DefineSingleton(name, 1, 1, fn)
		}
	}
	def(func(i fs.FileInfo) bool { return true }, "exist?", "exists?")
	def(func(i fs.FileInfo) bool { return i.Mode().IsRegular() }, "file?")
	def(func(i fs.FileInfo) bool { return i.IsDir() }, "directory?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeSymlink != 0 }, "symlink?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeNamedPipe != 0 }, "pipe?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeSocket != 0 }, "socket?")
	def(func(i fs.FileInfo) bool { return i.Mode()&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice }, "blockdev?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeCharDevice != 0 }, "chardev?")
	def(func(i fs.FileInfo) bool { return i.Size() == 0 }, "zero?", "empty?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeSetuid != 0 }, "setuid?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeSetgid != 0 }, "setgid?")
	def(func(i fs.FileInfo) bool { return i.Mode()&fs.ModeSticky != 0 }, "sticky?")
	for name, bit := range map[string]uint32{"readable?": 4, "writable?": 2, "executable?": 1} {
		k.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			ok, err := in.world.Access(in.Place("Access"), c.pathArg(0), bit)
			if errors.Is(err, fs.ErrNotExist) {
				return False, nil
			}
			return Bool(ok), in.worldError(err, "")
		})
	}
	get := func(name, call string, follow bool, value func(i fs.FileInfo) Value) {
		k.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			i, err := in.mustStat(c.pathArg(0), follow, call)
			if err != nil {
				return nil, err
			}
			return value(i), nil
		})
	}
	get("size", "rb_file_s_size", true, func(i fs.FileInfo) Value { return Int(i.Size()) })
	get("mtime", "rb_file_s_mtime", true, func(i fs.FileInfo) Value { return &Time{i.ModTime()} })
	get("ftype", "rb_file_s_ftype", false, func(i fs.FileInfo) Value { return Str(fileType(i)) })
	k.DefineSingleton("size?", 1, 1, func(c *Call) (Value, error) {
		i, err := in.stat(c.pathArg(0), true)
		if err != nil || i == nil || i.Size() == 0 {
			return Nil{}, err
		}
		return Int(i.Size()), nil
	})
	in.fileStat(k)
	k.DefineSingleton("readlink", 1, 1, func(c *Call) (Value, error) {
		s, err := in.world.Readlink(in.Place("Readlink"), c.pathArg(0))
		return Str(s), in.worldError(err, "rb_readlink - "+c.pathArg(0))
	})
	for _, name := range []string{"realpath", "realdirpath"} {
		k.DefineSingleton(name, 1, 2, func(c *Call) (Value, error) { return in.realpath(c) })
	}
}

func fileType(i fs.FileInfo) string {
	switch m := i.Mode(); {
	case m.IsRegular():
		return "file"
	case m.IsDir():
		return "directory"
	case m&fs.ModeSymlink != 0:
		return "link"
	case m&fs.ModeNamedPipe != 0:
		return "fifo"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeCharDevice != 0:
		return "characterSpecial"
	case m&fs.ModeDevice != 0:
		return "blockSpecial"
	}
	return "unknown"
}

// stat is a file's description, or nil when there is none.
func (in *Interp) stat(name string, follow bool) (fs.FileInfo, error) {
	var i fs.FileInfo
	var err error
	if follow {
		i, err = in.world.Stat(in.Place("Stat"), name)
	} else {
		i, err = in.world.Lstat(in.Place("Lstat"), name)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return nil, nil
	}
	return i, in.worldError(err, "")
}

func (in *Interp) mustStat(name string, follow bool, call string) (fs.FileInfo, error) {
	i, err := in.stat(name, follow)
	if err == nil && i == nil {
		err = in.systemError(fs.ErrNotExist, call+" - "+name)
	}
	return i, err
}

func (in *Interp) fileStat(k *Class) {
	s := in.DefineClassIn(k, "Stat", in.Object)
	for name, follow := range map[string]bool{"stat": true, "lstat": false} {
		k.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			i, err := in.mustStat(c.pathArg(0), follow, "rb_file_s_"+name)
			if err != nil {
				return nil, err
			}
			return in.NewObject(s, i), nil
		})
	}
	get := func(name string, value func(i fs.FileInfo) Value) {
		s.Define(name, 0, 0, on(func(c *Call, o *Object) (Value, error) { return value(o.Data.(fs.FileInfo)), nil }))
	}
	system := func(name string, value func(st *syscall.Stat_t) Value) {
		s.Define(name, 0, 0, on(func(c *Call, o *Object) (Value, error) {
			st, ok := o.Data.(fs.FileInfo).Sys().(*syscall.Stat_t)
			if !ok {
				return nil, in.unsupported("File::Stat#" + name + " here")
			}
			return value(st), nil
		}))
	}
	get("size", func(i fs.FileInfo) Value { return Int(i.Size()) })
	get("mtime", func(i fs.FileInfo) Value { return &Time{i.ModTime()} })
	get("file?", func(i fs.FileInfo) Value { return Bool(i.Mode().IsRegular()) })
	get("directory?", func(i fs.FileInfo) Value { return Bool(i.IsDir()) })
	get("symlink?", func(i fs.FileInfo) Value { return Bool(i.Mode()&fs.ModeSymlink != 0) })
	get("ftype", func(i fs.FileInfo) Value { return Str(fileType(i)) })
	get("mode", func(i fs.FileInfo) Value { return Int(unixMode(i.Mode())) })
	system("uid", func(st *syscall.Stat_t) Value { return Int(st.Uid) })
	system("gid", func(st *syscall.Stat_t) Value { return Int(st.Gid) })
	system("ino", func(st *syscall.Stat_t) Value { return Int(st.Ino) })
	system("nlink", func(st *syscall.Stat_t) Value { return Int(st.Nlink) })
}

// unixMode is a mode as stat gives it, with the bits of the file's type.
func unixMode(m fs.FileMode) int {
	n := int(m.Perm())
	for bit, is := range map[int]bool{
		0o4000: m&fs.ModeSetuid != 0, 0o2000: m&fs.ModeSetgid != 0, 0o1000: m&fs.ModeSticky != 0,
		0o100000: m.IsRegular(), 0o040000: m.IsDir(), 0o120000: m&fs.ModeSymlink != 0, 0o010000: m&fs.ModeNamedPipe != 0,
		0o140000: m&fs.ModeSocket != 0, 0o020000: m&fs.ModeCharDevice != 0, 0o060000: m&(fs.ModeDevice|fs.ModeCharDevice) == fs.ModeDevice,
	} {
		if is {
			n |= bit
		}
	}
	return n
}

func (in *Interp) realpath(c *Call) (Value, error) {
	p, err := in.expandPath(c.pathArg(0), c.OptStr(1, ""))
	if err != nil {
		return nil, err
	}
	for hops := 0; ; hops++ {
		done := "/"
		again := false
		rest := strings.Split(strings.Trim(p, "/"), "/")
		for i, part := range rest {
			at := path.Join(done, part)
			info, err := in.mustStat(at, false, "rb_realpath_internal")
			if err != nil {
				return nil, err
			}
			if info.Mode()&fs.ModeSymlink != 0 {
				to, err := in.world.Readlink(in.Place("Readlink"), at)
				if err != nil || hops > 40 {
					return nil, in.worldError(orError(err, syscall.ELOOP), at)
				}
				if !strings.HasPrefix(to, "/") {
					to = path.Join(done, to)
				}
				p = path.Join(append([]string{to}, rest[i+1:]...)...)
				again = true
				break
			}
			done = at
		}
		if !again {
			return Str(done), nil
		}
	}
}
