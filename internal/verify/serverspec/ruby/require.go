package ruby

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// require is require and, when from is a directory, require_relative.
func (in *Interp) require(c *Call, name, from string) (Value, error) {
	library := strings.TrimSuffix(name, ".rb")
	if from == "" {
		if in.loaded[library] {
			return False, nil
		}
		if ok, err := in.requireLibrary(library); ok || err != nil {
			in.loaded[library] = true
			return True, err
		}
	}
	file, err := in.world.Require(in.ctx, in.Place("Require"), name, from)
	if errors.Is(err, fs.ErrNotExist) {
		if from != "" {
			name = filepath.Join(from, name)
		}
		return nil, in.raiseWith(in.errorClass("LoadError"), map[string]Value{"path": Str(name)}, "cannot load such file -- %s", name)
	}
	if err != nil {
		return nil, err
	}
	if file == nil {
		in.loaded[library] = true
		return True, nil
	}
	if in.loaded[file.Name] {
		return False, nil
	}
	_, err = in.runFile(file)
	return True, err
}

// load is Kernel#load: a file by its path, run each time.
func (in *Interp) load(c *Call) (Value, error) {
	file, err := in.world.Require(in.ctx, in.Place("Require"), c.Str(0), ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, in.raiseWith(in.errorClass("LoadError"), map[string]Value{"path": c.Args[0]}, "cannot load such file -- %s", c.Str(0))
	}
	if err != nil || file == nil {
		return True, err
	}
	_, err = in.runFile(file)
	return True, err
}

// requireLibrary is for Ruby's own libraries.
func (in *Interp) requireLibrary(name string) (bool, error) {
	switch name {
	case "English", "shellwords", "json", "yaml", "time", "securerandom", "digest", "digest/md5", "digest/sha1", "digest/sha2",
		"base64", "open3", "open-uri", "timeout", "tmpdir", "pp", "io/console", "io/wait", "thread", "etc", "erb":
		return true, nil
	}
	if file, ok := preludeOf(name); ok {
		return true, in.runPrelude(file)
	}
	_, ok := outsideLibraries()[name]
	return ok, nil
}

// constPath is a constant by the class that it is in.
type constPath struct {
	class *Class
	name  string
}

// promised defines a constant that autoload has promised, by requiring its file.
func (in *Interp) promised(class *Class, name string) (Value, bool, error) {
	at := constPath{class, name}
	file, ok := in.autoloads[at]
	if !ok {
		return nil, false, nil
	}
	delete(in.autoloads, at)
	if _, err := in.Call(in.Main, "require", Str(file)); err != nil {
		in.autoloads[at] = file
		return nil, false, err
	}
	v, ok := class.consts[name]
	return v, ok, nil
}

// autoload defines a constant of a library that is there without being required. Ruby
// itself has only a few of them; a spec that leaves out a require that spec_helper makes
// for it loads all the same.
func (in *Interp) autoload(name string) (Value, bool, error) {
	file, ok := preludeFor(name)
	if !ok || in.loaded["prelude:"+file] {
		return nil, false, nil
	}
	if err := in.runPrelude(file); err != nil {
		return nil, false, err
	}
	v, ok := in.Object.consts[name]
	return v, ok, nil
}

// runPrelude runs one of the libraries that are written in Ruby.
func (in *Interp) runPrelude(file string) error {
	if in.loaded["prelude:"+file] {
		return nil
	}
	in.loaded["prelude:"+file] = true
	text, err := preludes.ReadFile("prelude/" + file + ".rb")
	if err != nil {
		return err
	}
	tree, problems := syntax.Parse("<internal:"+file+">", string(text))
	if len(problems) > 0 {
		return problems[0]
	}
	pos := in.pos
	_, err = in.runFile(tree)
	in.pos = pos
	return err
}
