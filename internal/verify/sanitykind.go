package verify

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

type sanityConfig struct {
	Exceptions []string      `opt:"exceptions" doc:"units that may be failed, inactive or still starting; * ? and [ ] stand for parts of names, and .service may be left out"`
	Retry      time.Duration `opt:"retry_timeout" default:"10s" doc:"how long a system that is still starting is waited for; 0s: not at all"`
}

// SanityKind is the verifier "sanity": it adds no checks, and adjusts the built-in
// ones.
func SanityKind() template.Kind[Spec] {
	return template.Define("sanity", "exceptions from the built-in checks", func(c sanityConfig) (Spec, error) {
		for _, p := range c.Exceptions {
			if _, err := path.Match(p, ""); err != nil || strings.TrimSpace(p) == "" {
				return nil, template.At("exceptions", fmt.Errorf("%q is no name of a unit", p))
			}
		}
		if c.Retry < 0 {
			return nil, template.At("retry_timeout", fmt.Errorf("%s: a time cannot be negative", c.Retry))
		}
		return SanityOptions{Exceptions: c.Exceptions, Wait: c.Retry}, nil
	})
}

// Evaluate implements Spec: by themselves options check nothing.
func (SanityOptions) Evaluate(context.Context, *Session) []Result { return nil }

// SanityOf joins what a build's specs say of the built-in checks. With none that says
// anything, the defaults of the verifier hold.
func SanityOf(specs []Spec) SanityOptions {
	o, said := SanityOptions{}, false
	for _, s := range specs {
		if x, ok := s.(SanityOptions); ok {
			o.Exceptions = append(o.Exceptions, x.Exceptions...)
			o.Wait, said = max(o.Wait, x.Wait), true
		}
	}
	if !said {
		o.Wait = DefaultWait
	}
	return o
}

// matches tells whether a unit answers to a pattern, which may lack ".service".
func matches(pattern, unit string) bool {
	for _, p := range []string{pattern, pattern + ".service"} {
		if ok, _ := path.Match(p, unit); ok {
			return true
		}
	}
	return false
}
