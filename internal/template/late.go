package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// Late is a text with {{.Field}} placeholders that are known only when it is used.
// Functions in it ({{timestamp}}, {{user `x`}}, {{build `ID`}}) are rendered then too.
type Late struct {
	source string
	scope  *scope
	late   map[string]string
}

// LateText makes a Late from its source text.
func LateText(text string) (Late, error) {
	if _, err := interpolate.Inspect(text); err != nil {
		return Late{}, fmt.Errorf("parse %q: %w", text, err)
	}
	return Late{source: text, scope: &scope{env: &interpolate.Env{}}}, nil
}

// Text is the source.
func (l Late) Text() string { return l.source }

// Fields lists the names of the {{.Field}} placeholders.
func (l Late) Fields() []string {
	u, err := interpolate.Inspect(l.source)
	if err != nil {
		return nil
	}
	return u.Fields
}

// Render fills the placeholders from the fields of a struct or the keys of a map. A
// placeholder that a map of strings does not have is an error; in another map it is
// "<no value>".
func (l Late) Render(data any) (string, error) {
	env := &interpolate.Env{}
	if l.scope != nil {
		env = l.scope.env
	}
	if m, ok := data.(map[string]string); ok {
		if p, known := l.late[interpolate.Password]; known {
			m = maps.Clone(m)
			m[interpolate.Password] = p
			data = m
		}
		for _, f := range l.Fields() {
			if _, known := m[f]; !known {
				return "", fmt.Errorf("render %q: %w", l.source, unknownField(f, m))
			}
		}
	}
	out, err := interpolate.Render(l.source, env, data, l.late)
	if err != nil {
		return "", fmt.Errorf("render %q: %w", l.source, err)
	}
	return out, nil
}

func unknownField(name string, known map[string]string) error {
	var names []string
	for k := range known {
		names = append(names, k)
	}
	slices.Sort(names)
	msg := fmt.Sprintf("{{.%s}} is not known here", name)
	if d := didYouMean(name, names); d != "" {
		msg += ": " + d
	}
	return errors.New(msg)
}
