package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// readJSON reads a JSON document. at gives the place of a byte offset of text.
func readJSON(text string, at func(offset int) template.Pos, p *problems) *node {
	r := jsonReader{text: text, at: at, dec: json.NewDecoder(strings.NewReader(text))}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if start := r.next(); start < len(text) {
			p.add(at(start), "", "cannot read JSON: something follows the end of the document")
			return nil
		}
		return n
	}
	pos := at(min(int(r.dec.InputOffset()), max(len(text)-1, 0)))
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		pos = at(max(int(syntax.Offset)-1, 0))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the document ends too early")
	}
	p.add(pos, "", "cannot read JSON: %v", err)
	return nil
}

type jsonReader struct {
	text string
	at   func(offset int) template.Pos
	dec  *json.Decoder
}

// next returns the offset of the next token.
func (r *jsonReader) next() int {
	i := int(r.dec.InputOffset())
	for i < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[i]) >= 0 {
		i++
	}
	return i
}

func (r *jsonReader) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("the document is nested too deeply")
	}
	pos := r.at(r.next())
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case nil:
		return &node{pos: pos}, nil
	case bool:
		return newScalar(pos, t, fmt.Sprint(t)), nil
	case string:
		return newScalar(pos, t, t), nil
	case json.Number:
		v, ok := number(t.String())
		if !ok {
			return nil, fmt.Errorf("the number %s is too large", cut(t.String(), 40))
		}
		return newScalar(pos, v, t.String()), nil
	}
	n := &node{pos: pos, shape: list}
	if token == json.Delim('{') {
		n.shape = mapping
	}
	for r.dec.More() {
		f := field{pos: r.at(r.next())}
		if n.shape == mapping {
			key, err := r.dec.Token()
			if err != nil {
				return nil, err
			}
			f.name, _ = key.(string)
		}
		if f.value, err = r.value(depth + 1); err != nil {
			return nil, err
		}
		if n.shape == mapping {
			n.fields = append(n.fields, f)
		} else {
			n.items = append(n.items, f.value)
		}
	}
	_, err = r.dec.Token() // the closing bracket
	return n, err
}
