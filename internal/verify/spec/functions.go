package spec

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// functions are what goss files may call in their templates: sprig's, and goss's
// own over those of the same name. env is the environment; opened is told of
// every file that is read.
func functions(env map[string]string, opened func(path string)) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	own := template.FuncMap{
		"mkSlice": func(items ...any) []any { return items },
		"readFile": func(path string) (string, error) {
			opened(path)
			b, err := readText(path)
			return strings.TrimSpace(string(b)), err
		},
		// Reading checks asks nobody: what a name stands for is the target's to say.
		"getHostByName": func(string) (string, error) {
			return "", errors.New("checks look up no names while they are read: use a dns or command check")
		},
		"getEnv": func(name string, otherwise ...string) string {
			if v := env[name]; v != "" || len(otherwise) == 0 {
				return v
			}
			return otherwise[0]
		},
		"env":                func(name string) string { return env[name] },
		"expandenv":          func(s string) string { return os.Expand(s, func(name string) string { return env[name] }) },
		"regexMatch":         regexMatch,
		"findStringSubmatch": findStringSubmatch,
		"toUpper":            strings.ToUpper,
		"toLower":            strings.ToLower,
	}
	for name, f := range own {
		funcs[name] = f
	}
	return funcs
}

func regexMatch(expr, s string) (bool, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return false, err
	}
	return re.MatchString(s), nil
}

// findStringSubmatch returns the groups of the first match, by name when any has
// one, else by number, "0" being the whole match.
func findStringSubmatch(expr, s string) (map[string]any, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	numbered, named := make(map[string]any), make(map[string]any)
	names := re.SubexpNames()
	for i, group := range re.FindStringSubmatch(s) {
		numbered[strconv.Itoa(i)] = group
		if names[i] != "" {
			named[names[i]] = group
		}
	}
	if len(named) > 0 {
		return named, nil
	}
	return numbered, nil
}
