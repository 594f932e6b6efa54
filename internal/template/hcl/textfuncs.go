package hcl

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// text makes a function from strings to a string.
func text(f func(args []string) (string, error), params ...string) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.String)}
	for _, p := range params {
		spec.Params = append(spec.Params, function.Parameter{Name: p, Type: cty.String})
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		var in []string
		for _, a := range args {
			if textLen(a) > maxSize {
				return cty.UnknownVal(cty.String), errTooLarge
			}
			in = append(in, a.AsString())
		}
		out, err := f(in)
		if err != nil {
			return cty.UnknownVal(cty.String), err
		}
		return cty.StringVal(out), nil
	}
	return function.New(spec)
}

// test makes a function from two strings to a bool.
func test(f func(a, b string) bool, first, second string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: first, Type: cty.String}, {Name: second, Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

func textFunctions() map[string]function.Function {
	return map[string]function.Function{
		"startswith":   test(strings.HasPrefix, "text", "prefix"),
		"endswith":     test(strings.HasSuffix, "text", "suffix"),
		"strcontains":  test(strings.Contains, "text", "part"),
		"base64encode": text(func(a []string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(a[0])), nil }, "text"),
		"base64decode": text(base64decode, "text"),
		"base64gzip":   text(base64gzip, "text"),
		"urlencode":    text(func(a []string) (string, error) { return url.QueryEscape(a[0]), nil }, "text"),
		"md5":          text(func(a []string) (string, error) { s := md5.Sum([]byte(a[0])); return hex.EncodeToString(s[:]), nil }, "text"),
		"sha1":         text(func(a []string) (string, error) { s := sha1.Sum([]byte(a[0])); return hex.EncodeToString(s[:]), nil }, "text"),
		"sha256": text(func(a []string) (string, error) {
			s := sha256.Sum256([]byte(a[0]))
			return hex.EncodeToString(s[:]), nil
		}, "text"),
		"sha512": text(func(a []string) (string, error) {
			s := sha512.Sum512([]byte(a[0]))
			return hex.EncodeToString(s[:]), nil
		}, "text"),
	}
}

func base64decode(a []string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(a[0])
	if err != nil {
		return "", function.NewArgErrorf(0, "text is not base64: %s", err)
	}
	if !utf8.Valid(b) {
		return "", function.NewArgError(0, errors.New("decoded text is not UTF-8"))
	}
	return string(b), nil
}

func base64gzip(a []string) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(a[0])); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
