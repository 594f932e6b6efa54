package hcl

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-strftime"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Env is what functions take from outside.
type Env struct {
	Now time.Time // start of the run
	// Getenv answers env("NAME"). nil: not allowed in this place.
	Getenv func(name string) string
}

func (e Env) functions() map[string]function.Function {
	now := e.Now.UTC()
	return map[string]function.Function{
		"timestamp": text(func([]string) (string, error) { return now.Format(time.RFC3339), nil }),
		"legacy_isotime": function.New(&function.Spec{
			VarParam: &function.Parameter{Name: "layout", Type: cty.String},
			Type:     function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				layout := time.RFC3339
				switch {
				case len(args) > 1:
					return cty.UnknownVal(cty.String), errors.New("at most one layout is taken")
				case len(args) == 1:
					layout = args[0].AsString()
				}
				return cty.StringVal(now.Format(layout)), nil
			},
		}),
		"legacy_strftime": text(func(a []string) (string, error) { return strftime.Format(a[0], now), nil }, "format"),
		"uuidv4":          text(func([]string) (string, error) { return uuid(), nil }),
		"env": text(func(a []string) (string, error) {
			if e.Getenv == nil {
				return "", errors.New("env works in the defaults of variables only: declare a variable and use it here")
			}
			return e.Getenv(a[0]), nil
		}, "name"),
	}
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
