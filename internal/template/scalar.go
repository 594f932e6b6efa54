package template

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/interpolate"
)

// scalar decodes a string, number or bool; each may be written as a string.
func (d *decoder) scalar(name string, v reflect.Value, n *node) {
	want := typeName(v.Type())
	if n.kind != scalarNode {
		d.wrong(name, n, "a "+want)
		return
	}
	if _, isText := n.raw(); isText {
		s, ok := d.render(name, n)
		if !ok {
			return
		}
		if v.Kind() != reflect.String && s == "" {
			return // an empty variable leaves the option unset
		}
		if err := setText(v, s); err != nil {
			d.diags.add(n.pos, err.Error(), "option %q: a %s is needed, not %s", name, want, n.shown(quoteShort(s)))
		}
		return
	}
	isBool := n.val.Type() == cty.Bool
	switch {
	case v.Type() == durationType && !isBool && d.numbers:
		ns, err := wholeNumber(scalarText(n.val))
		if err != nil {
			d.wrong(name, n, "a duration")
			return
		}
		d.diags.warn(n.pos, `durations are written like "30s" or "1h15m"`, "option %q: a number is taken for nanoseconds", name)
		v.SetInt(ns)
	case v.Kind() == reflect.Bool && !isBool && d.numbers:
		d.diags.warn(n.pos, "write true or false", "option %q: a number is taken for true, unless it is 0", name)
		v.SetBool(!n.val.RawEquals(cty.Zero))
	case v.Type() == durationType, isBool && v.Kind() != reflect.Bool && v.Kind() != reflect.String,
		!isBool && v.Kind() == reflect.Bool:
		d.wrong(name, n, "a "+want)
	case v.Kind() == reflect.String:
		v.SetString(d.plainText(n))
	default:
		if err := setText(v, scalarText(n.val)); err != nil {
			d.diags.add(n.pos, err.Error(), "option %q: a %s is needed, not %s", name, want, n.shown(scalarText(n.val)))
		}
	}
}

// plainText is how a number or bool reads where a string is wanted: in legacy JSON
// true is 1.
func (d *decoder) plainText(n *node) string {
	if d.numbers && n.val != cty.NilVal && !n.val.IsNull() && n.val.Type() == cty.Bool {
		if n.val.True() {
			return "1"
		}
		return "0"
	}
	return scalarText(n.val)
}

// render gives a string's text, or reports why it cannot.
func (d *decoder) render(name string, n *node) (string, bool) {
	use, err := n.use()
	if err != nil {
		d.badText(name, n, err)
		return "", false
	}
	s, err := n.text(nil)
	if err != nil {
		d.badText(name, n, err)
		return "", false
	}
	for _, u := range use.Users {
		if _, known := n.user(u); !known && n.scope.env.User != nil {
			d.diags.warn(n.pos, "an undeclared variable is empty", "option %q: variable %q is not declared", name, u)
		}
	}
	for _, f := range use.Fields {
		if f != interpolate.Password {
			d.diags.warn(n.pos, fmt.Sprintf("to keep the braces write {{`{{.%s}}`}}", f),
				"option %q knows no {{.%s}}: it becomes \"<no value>\"", name, f)
			break
		}
	}
	return s, true
}

// badText reports a placeholder that cannot be parsed or rendered.
func (d *decoder) badText(name string, n *node, err error) {
	detail := "to keep braces as they are write {{`{{ … }}`}}"
	msg := err.Error()
	if fn, ok := strings.CutPrefix(msg, `function "`); ok && strings.HasSuffix(fn, `" not defined`) {
		fn = strings.TrimSuffix(fn, `" not defined`)
		msg = fmt.Sprintf("unknown function %q", fn)
		if near := nearest(fn, interpolate.Functions()); near != "" {
			detail = fmt.Sprintf("did you mean %q?", near)
		}
	}
	d.diags.add(n.pos, detail, "option %q: %s", name, msg)
}

// wrong reports a value of the wrong shape.
func (d *decoder) wrong(name string, n *node, want string) {
	d.diags.add(n.pos, "", "option %q: %s is needed, not %s", name, want, n.what())
}

// what names the shape of a node.
func (n *node) what() string {
	switch n.kind {
	case listNode:
		return "a list"
	case objectNode:
		return "an object"
	case blockNode:
		return "a block"
	}
	switch {
	case n.open:
		return "a value"
	case n.isNull():
		return "null"
	case n.val.Type() == cty.String:
		return "a string"
	case n.val.Type() == cty.Bool:
		return "a bool"
	}
	return "a number"
}

// shown is how a value appears in a message.
func (n *node) shown(s string) string {
	if n.isSecret() {
		return "what the sensitive value is"
	}
	return s
}

func quoteShort(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}

// setText sets a scalar from text. The error says what the text should look like.
func setText(v reflect.Value, s string) error {
	if v.Type() == durationType {
		t, err := time.ParseDuration(strings.TrimSpace(s))
		if err != nil {
			return errors.New(`durations are written like "30s" or "1h15m"`)
		}
		v.SetInt(int64(t))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("it is true or false")
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		i, err := wholeNumber(strings.TrimSpace(s))
		if err != nil {
			return err
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return errors.New("it is a number")
		}
		v.SetFloat(f)
	default:
		return fmt.Errorf("it cannot be given as text")
	}
	return nil
}

// wholeNumber reads an integer, which may be written as 5, 5.0 or 5e3.
func wholeNumber(s string) (int64, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, errors.New("it is a whole number")
	}
	return int64(f), nil
}

// setDefault sets a field from the text of a default.
func setDefault(v reflect.Value, s string) error {
	switch {
	case v.Type() == lateType:
		l, err := LateText(s)
		v.Set(reflect.ValueOf(l))
		return err
	case v.Kind() == reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		v.Set(p)
		return setDefault(p.Elem(), s)
	case v.Kind() == reflect.Slice:
		out := reflect.MakeSlice(v.Type(), 0, 1)
		for part := range strings.SplitSeq(s, ",") {
			x := reflect.New(v.Type().Elem()).Elem()
			if err := setDefault(x, part); err != nil {
				return err
			}
			out = reflect.Append(out, x)
		}
		v.Set(out)
		return nil
	}
	return setText(v, s)
}
