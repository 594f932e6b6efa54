package interpolate

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// Functions lists the names of all functions, sorted.
func Functions() []string {
	var names []string
	for name := range (&run{}).funcs() {
		if name != stepFunc {
			names = append(names, name)
		}
	}
	names = append(names, builtin...)
	slices.Sort(names)
	return names
}

// run is one rendering.
type run struct {
	env   *Env
	late  map[string]string
	steps int
}

func (r *run) funcs() template.FuncMap {
	return template.FuncMap{
		"user":                r.user,
		"env":                 r.getenv,
		"build":               r.build,
		"build_name":          func() (string, error) { return r.need("build_name", r.env.BuildName) },
		"build_type":          func() (string, error) { return r.need("build_type", r.env.BuildType) },
		"template_dir":        func() (string, error) { return r.need("template_dir", r.env.Dir) },
		"pwd":                 r.pwd,
		"packer_version":      func() string { return r.env.Version },
		"timestamp":           func() string { return strconv.FormatInt(r.env.Now.Unix(), 10) },
		"isotime":             r.isotime,
		"strftime":            r.strftime,
		"uuid":                r.uuid,
		"upper":               strings.ToUpper,
		"lower":               strings.ToLower,
		"split":               split,
		"replace":             replace,
		"replace_all":         replaceAll,
		"clean_resource_name": r.clean,
		"clean_ami_name":      r.clean,
		"clean_image_name":    r.clean,

		"vault":                  r.service("vault", 2),
		"consul_key":             r.service("consul_key", 1),
		"aws_secretsmanager":     r.service("aws_secretsmanager", 1, 2),
		"aws_secretsmanager_raw": r.service("aws_secretsmanager_raw", 1),
		"sed":                    func(...string) (string, error) { return "", errors.New("sed is gone: use replace or replace_all") },

		"print":    bounded(func(a ...any) string { return fmt.Sprint(a...) }),
		"println":  bounded(func(a ...any) string { return fmt.Sprintln(a...) }),
		"html":     bounded(func(a ...any) string { return template.HTMLEscaper(a...) }),
		"js":       bounded(func(a ...any) string { return template.JSEscaper(a...) }),
		"urlquery": bounded(func(a ...any) string { return template.URLQueryEscaper(a...) }),
		"printf": func(format string, a ...any) (string, error) {
			return bounded(func(a ...any) string { return fmt.Sprintf(format, a...) })(a...)
		},
		stepFunc: r.step,
	}
}

// maxPiece bounds the result of a function, so that a chain of them cannot grow
// without end.
const maxPiece = 1 << 20

func bounded(f func(...any) string) func(...any) (string, error) {
	return func(a ...any) (string, error) { return checkPiece(f(a...)) }
}

func checkPiece(s string) (string, error) {
	if len(s) > maxPiece {
		return "", errors.New("result is longer than 1 MiB")
	}
	return s, nil
}

const maxSteps = 100_000

func (r *run) step() (string, error) {
	if r.steps++; r.steps > maxSteps {
		return "", errors.New("loop runs more than 100000 times")
	}
	return "", nil
}

func (r *run) need(name, value string) (string, error) {
	if value == "" {
		return "", fmt.Errorf("%s is not known in this place", name)
	}
	return value, nil
}

func (r *run) user(name string) (string, error) {
	if r.env.User == nil {
		return "", fmt.Errorf("function \"user\" works in JSON templates only: write ${var.%s}", name)
	}
	v, _ := r.env.User(name)
	return v, nil
}

func (r *run) getenv(name string) (string, error) {
	if r.env.Getenv == nil {
		return "", errors.New("function \"env\" works in the defaults of variables only")
	}
	return r.env.Getenv(name), nil
}

// service makes a function that asks a service with some number of arguments.
func (r *run) service(name string, counts ...int) func(args ...string) (string, error) {
	return func(args ...string) (string, error) {
		switch {
		case !slices.Contains(counts, len(args)):
			return "", fmt.Errorf("function %q takes %d arguments, not %d", name, counts[len(counts)-1], len(args))
		case r.env.Ask == nil:
			return "", fmt.Errorf("function %q works in the defaults of variables only", name)
		}
		return r.env.Ask(name, args)
	}
}

func (r *run) build(name string) (string, error) {
	if v, ok := r.late[name]; ok {
		return v, nil
	}
	return "", fmt.Errorf("build has no value %q here", name)
}

func (r *run) pwd() (string, error) {
	if r.env.Pwd != "" {
		return r.env.Pwd, nil
	}
	return os.Getwd()
}

func (r *run) isotime(layout ...string) (string, error) {
	if len(layout) > 1 {
		return "", errors.New("function \"isotime\" takes one layout")
	}
	if len(layout) == 0 || layout[0] == "" {
		layout = []string{time.RFC3339}
	}
	return r.env.Now.UTC().Format(layout[0]), nil
}

// uuid is ordered by time: its first 8 digits are the Unix time in seconds.
func (r *run) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint32(b[:4], uint32(r.env.Now.Unix()))
	_, _ = rand.Read(b[4:]) // never fails
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func (r *run) clean(s string) string {
	if r.env.CleanName != nil {
		return r.env.CleanName(s)
	}
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._", c) {
			return c
		}
		return '-'
	}, s)
}

func split(s, sep string, n int) (string, error) {
	parts := strings.Split(s, sep)
	if n < 0 || n >= len(parts) {
		return "", fmt.Errorf("split gives %d parts, there is no part %d", len(parts), n)
	}
	return parts[n], nil
}

func replace(old, new string, n int, s string) (string, error) {
	return checkPiece(strings.Replace(s, old, new, n))
}

func replaceAll(old, new, s string) (string, error) {
	return checkPiece(strings.ReplaceAll(s, old, new))
}
