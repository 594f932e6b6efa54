package hcl

import (
	"errors"
	"fmt"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Env is what functions take from outside.
type Env struct {
	Now time.Time // start of the run
	// Base is the template's directory: where files with relative paths are read.
	Base string
	// Getenv answers env("NAME"). nil: not allowed in this place.
	Getenv func(name string) string
	// Ask answers a function that reads from a service: vault, consul_key,
	// aws_secretsmanager, aws_secretsmanager_raw. nil: each is an error.
	Ask func(function string, args []string) (string, error)
}

func (e Env) envFunctions() map[string]function.Function {
	return map[string]function.Function{
		"env": text(func(a []string) (string, error) {
			if e.Getenv == nil {
				return "", errors.New("env works in the defaults of variables only: declare a variable and use it here")
			}
			return e.Getenv(a[0]), nil
		}, "name"),
		"vault":                  e.service("vault", "path", "key"),
		"consul_key":             e.service("consul_key", "key"),
		"aws_secretsmanager":     e.service("aws_secretsmanager", "name", "key"),
		"aws_secretsmanager_raw": e.service("aws_secretsmanager_raw", "name"),
	}
}

// service makes a function that asks a service. A null argument counts as "".
func (e Env) service(name string, params ...string) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.String)}
	for _, p := range params {
		spec.Params = append(spec.Params, function.Parameter{Name: p, Type: cty.String, AllowNull: true})
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if e.Ask == nil {
			return cty.UnknownVal(cty.String), fmt.Errorf("this version cannot ask the service behind %s: give the value by a variable", name)
		}
		in := make([]string, len(args))
		for i, a := range args {
			if !a.IsNull() {
				in[i] = a.AsString()
			}
		}
		out, err := e.Ask(name, in)
		return cty.StringVal(out), err
	}
	return function.New(spec)
}
