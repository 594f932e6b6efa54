package resource

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// json reads a text of JSON; what is none is an exception.
func (a *asking) json(text string) Value {
	if a.dry || a.settled() {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readJSON(d, 0)
	if err == nil {
		if _, err = d.Token(); err == io.EOF {
			return v
		}
	}
	return a.raise("MultiJson::ParseError", "unexpected token in %.60q", text)
}

// maxDepth of lists in lists.
const maxDepth = 100

func readJSON(d *json.Decoder, depth int) (Value, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, io.ErrShortBuffer
	}
	switch tok := tok.(type) {
	case json.Delim:
		return readJSONList(d, tok, depth)
	case json.Number:
		if n, err := tok.Int64(); err == nil {
			return Int(n), nil
		}
		f, err := tok.Float64()
		return Float(f), err
	case string:
		return String(tok), nil
	case bool:
		return Bool(tok), nil
	}
	return nil, nil
}

func readJSONList(d *json.Decoder, open json.Delim, depth int) (Value, error) {
	list, hash := List{}, Hash{}
	for d.More() {
		v, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		if open == '[' {
			list = append(list, v)
			continue
		}
		under, err := readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		hash = hash.set(v, under)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if open == '[' {
		return list, nil
	}
	return hash, nil
}

// jsonContent reads what another ask returns.
func jsonContent(text func(*asking) Value) func(*asking) Value {
	return func(a *asking) Value {
		v := text(a)
		if s, ok := v.(String); ok {
			return a.json(string(bytes.TrimPrefix([]byte(s), []byte("\xef\xbb\xbf"))))
		}
		return nil
	}
}
