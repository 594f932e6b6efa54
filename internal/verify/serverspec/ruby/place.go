package ruby

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// located is the World from the directory that Dir.chdir has gone to.
type located struct {
	World
	dir string // "": where the World is
}

func (l *located) path(name string) string {
	if l.dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(l.dir, name)
}

func (l *located) Getwd(at Place) (string, error) {
	if l.dir != "" {
		return l.dir, nil
	}
	return l.World.Getwd(at)
}

func (l *located) ReadFile(at Place, name string) ([]byte, error) {
	return l.World.ReadFile(at, l.path(name))
}

func (l *located) Stat(at Place, name string) (fs.FileInfo, error) {
	return l.World.Stat(at, l.path(name))
}

func (l *located) Lstat(at Place, name string) (fs.FileInfo, error) {
	return l.World.Lstat(at, l.path(name))
}

func (l *located) Readlink(at Place, name string) (string, error) {
	return l.World.Readlink(at, l.path(name))
}

func (l *located) ReadDir(at Place, name string) ([]string, error) {
	return l.World.ReadDir(at, l.path(name))
}

func (l *located) Access(at Place, name string, mode uint32) (bool, error) {
	return l.World.Access(at, l.path(name), mode)
}

func (l *located) Run(ctx context.Context, at Place, c Command) (Output, error) {
	if c.Dir != "" || l.dir != "" {
		c.Dir = l.path(c.Dir)
	}
	return l.World.Run(ctx, at, c)
}

// Dir is the directory that the spec has gone to with Dir.chdir; "" when it has not.
func (in *Interp) Dir() string { return in.world.dir }

// chdir is Dir.chdir: for a block, or from then on.
func (in *Interp) chdir(c *Call) (Value, error) {
	var to string
	if c.Has(0) {
		to = c.pathArg(0)
	} else {
		home, err := in.env("HOME")
		if err != nil {
			return nil, err
		}
		if IsNil(home) {
			return nil, in.Raise("ArgumentError", "HOME/LOGDIR not set")
		}
		to = home.(*String).String()
	}
	info, err := in.world.Stat(in.Place("Stat"), to)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return nil, in.worldError(err, "dir_s_chdir - "+to)
	}
	path, err := in.Absolute(to)
	if err != nil {
		return nil, err
	}
	before := in.world.dir
	in.world.dir = filepath.Clean(path)
	if c.Block == nil {
		return Int(0), nil
	}
	v, err := c.Yield(Str(to))
	in.world.dir = before
	return v, err
}

func stringsOf(c *Call, list *Array) []string {
	var texts []string
	for _, v := range list.elems {
		texts = append(texts, c.str(v).String())
	}
	return texts
}

// mktmpdir is Dir.mktmpdir: a directory for a block, or until somebody removes it.
func (in *Interp) mktmpdir(c *Call) (Value, error) {
	prefix, suffix := "d", ""
	if names, ok := c.Arg(0).(*Array); ok {
		parts := append(stringsOf(c, names), "", "")
		prefix, suffix = parts[0], parts[1]
	} else if c.Has(0) && !IsNil(c.Args[0]) {
		prefix = c.Str(0)
	}
	top, err := in.Call(in.Object.consts["Dir"], "tmpdir")
	if err != nil {
		return nil, err
	}
	if c.Has(1) && !IsNil(c.Args[1]) {
		top = c.Args[1]
	}
	line := "mktemp -d " + shellEscape(filepath.Join(c.str(top).String(), prefix)+"XXXXXXXXXX"+suffix)
	out, err := in.world.Run(in.ctx, in.Place("Run"), Command{Line: line})
	if err != nil {
		return nil, in.worldError(err, line)
	}
	name := strings.TrimSuffix(string(out.Stdout), "\n")
	if out.Exit != 0 || name == "" {
		return nil, in.worldError(fs.ErrNotExist, c.str(top).String())
	}
	if c.Block == nil {
		return Str(name), nil
	}
	v, err := c.Yield(Str(name))
	if err == nil || !errors.Is(err, ErrOpen) {
		if failed := in.Change([]string{"rm", "-rf", "--", name}, ""); err == nil {
			err = failed
		}
	}
	return v, err
}
