package spec

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/blang/semver/v4"
)

// asText turns any value into text as goss does: lists become lines.
func asText(v any) string {
	if items, ok := v.([]any); ok {
		lines := make([]string, len(items))
		for i, x := range items {
			lines[i] = fmt.Sprint(x)
		}
		return strings.Join(lines, "\n")
	}
	return fmt.Sprint(v)
}

// asNumber returns a number, also of a text that holds nothing else.
func asNumber(v any) (float64, bool) {
	switch x := v.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	case string, []any:
		f, err := strconv.ParseFloat(strings.TrimSpace(asText(v)), 64)
		return f, err == nil
	}
	return 0, false
}

// sameText wants the value, as text, to be this.
type sameText string

func (m sameText) match(v any) outcome { return outcome{ok: asText(v) == string(m)} }
func (m sameText) words(v voice) string {
	return v.is() + " " + cut(strconv.Quote(string(m)), maxWords)
}

// equality wants the value to be this without any conversion.
type equality struct{ want any }

func (m equality) match(v any) outcome  { return outcome{ok: equal(m.want, v)} }
func (m equality) words(v voice) string { return v.is() + " " + show(m.want) }

// equal compares values. Numbers are equal when they are the same number.
func equal(a, b any) bool {
	switch x := a.(type) {
	case int64, float64:
		switch b.(type) {
		case int64, float64:
			f, _ := asNumber(a)
			g, _ := asNumber(b)
			return f == g
		}
		return false
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if v, ok := y[k]; !ok || !equal(x[k], v) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// comparison compares numbers.
type comparison struct {
	op   string
	want any
}

func (m comparison) match(v any) outcome {
	have, ok := asNumber(v)
	if !ok {
		return outcome{misfit: "is not a number"}
	}
	want, _ := asNumber(m.want)
	switch m.op {
	case ">":
		ok = have > want
	case ">=":
		ok = have >= want
	case "<":
		ok = have < want
	case "<=":
		ok = have <= want
	default:
		ok = have == want
	}
	return outcome{ok: ok}
}

func (m comparison) words(v voice) string {
	phrase := map[string]string{">": " greater than ", ">=": " at least ", "<": " less than ", "<=": " at most ", "==": " "}[m.op]
	return v.is() + phrase + fmt.Sprint(m.want)
}

// affix looks for a text in the value.
type affix struct{ name, text string }

func (m affix) match(v any) outcome {
	have := asText(v)
	switch m.name {
	case "have-prefix":
		return outcome{ok: strings.HasPrefix(have, m.text)}
	case "have-suffix":
		return outcome{ok: strings.HasSuffix(have, m.text)}
	}
	return outcome{ok: strings.Contains(have, m.text)}
}

func (m affix) words(v voice) string {
	quoted := cut(strconv.Quote(m.text), maxWords)
	switch m.name {
	case "have-prefix":
		return v.say("starts with ", "start with ") + quoted
	case "have-suffix":
		return v.say("ends with ", "end with ") + quoted
	}
	return v.say("contains ", "contain ") + quoted
}

// expression matches the whole value, not line by line.
type expression struct{ re *regexp.Regexp }

func (m expression) match(v any) outcome { return outcome{ok: m.re.MatchString(asText(v))} }
func (m expression) words(v voice) string {
	return v.say("matches ", "match ") + "/" + cut(m.re.String(), maxWords) + "/"
}

// versions wants every version in the value to lie within a range.
type versions struct {
	text   string
	within semver.Range
}

func (m versions) match(v any) outcome {
	all, ok := v.([]any)
	if !ok {
		all = []any{v}
	}
	for _, x := range all {
		version, err := semver.Parse(fmt.Sprint(x))
		if err != nil {
			return outcome{misfit: "is not a semantic version"}
		}
		if !m.within(version) {
			return outcome{found: show(x)}
		}
	}
	if len(all) == 0 {
		return outcome{misfit: "holds no version"}
	}
	return outcome{ok: true}
}

func (m versions) words(v voice) string { return v.say("satisfies ", "satisfy ") + m.text }
