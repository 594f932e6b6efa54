package hcl

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
)

func encodeFunctions() map[string]function.Function {
	return map[string]function.Function{
		"jsondecode":       checked(stdlib.JSONDecodeFunc, checkJSON),
		"jsonencode":       stdlib.JSONEncodeFunc,
		"csvdecode":        stdlib.CSVDecodeFunc,
		"yamldecode":       checked(yaml.YAMLDecodeFunc, checkYAML),
		"yamlencode":       yaml.YAMLEncodeFunc,
		"textencodebase64": text(textEncode, "text", "encoding"),
		"textdecodebase64": text(textDecode, "text", "encoding"),
	}
}

// maxDataDepth is how deep decoded data may nest: decoders work by recursion.
const maxDataDepth = 1000

var errTooDeep = errors.New("values nest deeper than 1000 levels")

func checkJSON(args []cty.Value) error {
	if dataDepth(args[0].AsString(), true) > maxDataDepth {
		return errTooDeep
	}
	return nil
}

// checkYAML looks at what can nest within a line; nesting by indentation takes the
// square of its depth in bytes.
func checkYAML(args []cty.Value) error {
	s := args[0].AsString()
	if dataDepth(s, false) > maxDataDepth || strings.Contains(s, strings.Repeat("- ", maxDataDepth)) ||
		strings.Contains(s, strings.Repeat("? ", maxDataDepth)) {
		return errTooDeep
	}
	return nil
}

// dataDepth is an upper bound of how deep brackets nest.
func dataDepth(s string, quotes bool) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"' && quotes:
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case (c == ']' || c == '}') && depth > 0:
			depth--
		}
	}
	return deepest
}

func findEncoding(name string) (encoding.Encoding, error) {
	e, err := ianaindex.IANA.Encoding(name)
	if err != nil || e == nil {
		return nil, function.NewArgErrorf(1, "%q is not a character encoding such as \"UTF-16LE\"", name)
	}
	return e, nil
}

func textEncode(a []string) (string, error) {
	e, err := findEncoding(a[1])
	if err != nil {
		return "", err
	}
	out, err := e.NewEncoder().String(a[0])
	if err != nil {
		return "", function.NewArgErrorf(0, "text has characters that %s has not", a[1])
	}
	return base64.StdEncoding.EncodeToString([]byte(out)), nil
}

func textDecode(a []string) (string, error) {
	e, err := findEncoding(a[1])
	if err != nil {
		return "", err
	}
	raw, err := base64.StdEncoding.DecodeString(a[0])
	if err != nil {
		return "", function.NewArgErrorf(0, "text is not base64: %s", err)
	}
	out, err := e.NewDecoder().Bytes(raw)
	if err != nil || !utf8.Valid(out) {
		return "", function.NewArgErrorf(0, "text is not %s", a[1])
	}
	return string(out), nil
}
