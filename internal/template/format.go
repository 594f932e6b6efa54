package template

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/template/hcl"
)

// Format writes an HCL2 file in its canonical form: indentation, aligned equals
// signs, one space where one belongs. The error is Diagnostics: src does not parse.
// name is for positions alone.
func Format(name string, src []byte) ([]byte, error) {
	if err := notText(name, src); err != nil {
		return nil, err
	}
	l := &loader{path: name, tmpl: &Template{}}
	r := &hclReader{l: l, files: map[string]*source{}}
	r.parse(l.addText(name, src))
	if err := l.diags.arrange(l.texts).Err(); err != nil {
		return nil, err
	}
	return hclwrite.Format(src), nil
}

// FormatValue writes a value as the console shows it: strings at the top without
// quotes, lists and objects over several lines, attributes without a value left out.
func FormatValue(v cty.Value) string {
	var b strings.Builder
	if hcl.TooLarge(v) {
		return "<larger than 16 MiB>"
	}
	formatValue(&b, v, "", true)
	return b.String()
}

func formatValue(b *strings.Builder, v cty.Value, indent string, top bool) {
	if v == cty.NilVal {
		b.WriteString(shownUnknown)
		return
	}
	plain, marks := v.Unmark()
	ty := plain.Type()
	switch {
	case len(marks) > 0:
		writeText(b, shownSensitive, top)
	case !plain.IsKnown():
		b.WriteString(shownUnknown)
	case plain.IsNull():
		b.WriteString("null")
	case ty == cty.String:
		writeText(b, plain.AsString(), top)
	case ty == cty.Number:
		f, _ := plain.AsBigFloat().Float64()
		b.WriteString(strconv.FormatFloat(f, 'g', -1, 64))
	case ty == cty.Bool:
		b.WriteString(strconv.FormatBool(plain.True()))
	case ty.IsListType() || ty.IsSetType() || ty.IsTupleType():
		formatList(b, plain, indent)
	case ty.IsMapType() || ty.IsObjectType():
		formatObject(b, plain, indent)
	default:
		b.WriteString("<" + ty.FriendlyName() + ">")
	}
}

func writeText(b *strings.Builder, s string, top bool) {
	if top {
		b.WriteString(s)
		return
	}
	b.WriteString(strconv.Quote(s))
}

func formatList(b *strings.Builder, v cty.Value, indent string) {
	if v.LengthInt() == 0 {
		b.WriteString("[]")
		return
	}
	b.WriteString("[\n")
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		b.WriteString(indent + "  ")
		formatValue(b, e, indent+"  ", false)
		b.WriteString(",\n")
	}
	b.WriteString(indent + "]")
}

func formatObject(b *strings.Builder, v cty.Value, indent string) {
	var body strings.Builder
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if plain, _ := e.Unmark(); plain.IsKnown() && plain.IsNull() {
			continue
		}
		k, _ = k.Unmark()
		body.WriteString(indent + "  " + strconv.Quote(k.AsString()) + " = ")
		formatValue(&body, e, indent+"  ", false)
		body.WriteString("\n")
	}
	if body.Len() == 0 {
		b.WriteString("{}")
		return
	}
	b.WriteString("{\n" + body.String() + indent + "}")
}
