package hcl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func (e Env) fileFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abspath":    text(func(a []string) (string, error) { p, err := filepath.Abs(a[0]); return filepath.ToSlash(p), err }, "path"),
		"basename":   text(func(a []string) (string, error) { return filepath.Base(a[0]), nil }, "path"),
		"dirname":    text(func(a []string) (string, error) { return filepath.Dir(a[0]), nil }, "path"),
		"pathexpand": text(func(a []string) (string, error) { return expandHome(a[0]) }, "path"),
		"file":       text(func(a []string) (string, error) { return e.fileText(a[0]) }, "path"),
		"filebase64": text(func(a []string) (string, error) {
			b, err := e.readFile(a[0])
			return base64.StdEncoding.EncodeToString(b), err
		}, "path"),
		"fileexists": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				path, err := e.path(args[0].AsString())
				if err != nil {
					return cty.UnknownVal(cty.Bool), err
				}
				st, err := os.Stat(path)
				return cty.BoolVal(err == nil && st.Mode().IsRegular()), nil
			},
		}),
		"fileset": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "pattern", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Set(cty.String)),
			Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
				names, err := e.fileSet(args[0].AsString(), args[1].AsString())
				if err != nil {
					return cty.UnknownVal(t), err
				}
				return textSet(names), nil
			},
		}),
	}
}

func expandHome(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home directory: %w", err)
	}
	return filepath.Join(home, path[1:]), nil
}

// path is where a file of the template lies.
func (e Env) path(path string) (string, error) {
	path, err := expandHome(path)
	if err != nil || filepath.IsAbs(path) {
		return path, err
	}
	return filepath.Join(e.Base, path), nil
}

// maxFile bounds a file that becomes a string of a template.
const maxFile = 64 << 20

// readFile reads a file relative to the template's directory. One that is not
// there is looked for from the working directory, so that "${path.root}/x" works
// from everywhere.
func (e Env) readFile(path string) ([]byte, error) {
	at, err := e.path(path)
	if err != nil {
		return nil, err
	}
	// Asked before opening: opening a named pipe waits for its other end.
	st, err := os.Stat(at)
	if errors.Is(err, fs.ErrNotExist) && !filepath.IsAbs(path) {
		if here, hereErr := os.Stat(path); hereErr == nil {
			at, st, err = path, here, nil
		}
	}
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: not a regular file", at)
	}
	f, err := os.Open(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("read %s: larger than 64 MiB", at)
	}
	return b, err
}

func (e Env) fileText(path string) (string, error) {
	b, err := e.readFile(path)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", function.NewArgError(0, errors.New("file is not UTF-8: use filebase64"))
	}
	return string(b), nil
}

// maxSet bounds how many files a pattern may match.
const maxSet = 100_000

// fileSet lists the regular files below a directory that match a pattern, sorted,
// relative to the directory. A directory that is not there has none.
func (e Env) fileSet(dir, pattern string) ([]string, error) {
	dir, err := e.path(dir)
	if err != nil {
		return nil, err
	}
	if !doublestar.ValidatePattern(pattern) {
		return nil, function.NewArgErrorf(1, "%q is not a pattern such as \"scripts/*.sh\"", pattern)
	}
	full := filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(pattern)))
	matches, err := doublestar.FilepathGlob(full, doublestar.WithFilesOnly())
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	if len(matches) > maxSet {
		return nil, function.NewArgErrorf(1, "pattern matches more than %d files", maxSet)
	}
	var names []string
	for _, m := range matches {
		st, err := os.Stat(m)
		if err != nil || !st.Mode().IsRegular() {
			continue
		}
		rel, err := filepath.Rel(dir, m)
		if err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
		names = append(names, filepath.ToSlash(rel))
	}
	slices.Sort(names)
	return names, nil
}

func textSet(list []string) cty.Value {
	if len(list) == 0 {
		return cty.SetValEmpty(cty.String)
	}
	vals := make([]cty.Value, len(list))
	for i, s := range list {
		vals[i] = cty.StringVal(s)
	}
	return cty.SetVal(vals)
}
