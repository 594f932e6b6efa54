package hcl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func fileFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abspath":    text(func(a []string) (string, error) { p, err := filepath.Abs(a[0]); return filepath.ToSlash(p), err }, "path"),
		"basename":   text(func(a []string) (string, error) { return filepath.Base(a[0]), nil }, "path"),
		"dirname":    text(func(a []string) (string, error) { return filepath.Dir(a[0]), nil }, "path"),
		"pathexpand": text(func(a []string) (string, error) { return expandHome(a[0]) }, "path"),
		"file":       text(fileText, "path"),
		"filebase64": text(fileBase64, "path"),
		"fileexists": function.New(&function.Spec{
			Params: []function.Parameter{{Name: "path", Type: cty.String}},
			Type:   function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				path, err := expandHome(args[0].AsString())
				if err != nil {
					return cty.UnknownVal(cty.Bool), err
				}
				st, err := os.Stat(path)
				return cty.BoolVal(err == nil && st.Mode().IsRegular()), nil
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

// maxFile bounds a file that becomes a string of a template.
const maxFile = 64 << 20

func readFile(path string) ([]byte, error) {
	path, err := expandHome(path)
	if err != nil {
		return nil, err
	}
	// Asked before opening: opening a named pipe waits for its other end.
	if st, err := os.Stat(path); err != nil {
		return nil, err
	} else if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("read %s: larger than 64 MiB", path)
	}
	return b, err
}

func fileText(a []string) (string, error) {
	b, err := readFile(a[0])
	if err != nil {
		return "", err
	}
	if !utf8.Valid(b) {
		return "", function.NewArgError(0, errors.New("file is not UTF-8: use filebase64"))
	}
	return string(b), nil
}

func fileBase64(a []string) (string, error) {
	b, err := readFile(a[0])
	return base64.StdEncoding.EncodeToString(b), err
}
