package json

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// plain turns a node into what encoding/json makes.
func plain(n *Node) any {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	case Array:
		out := []any{}
		for _, e := range n.Elems {
			out = append(out, plain(e))
		}
		return out
	case Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Name] = plain(m.Value)
		}
		return out
	}
	return nil
}

func warnings(notes []Note) (out []string) {
	for _, n := range notes {
		out = append(out, n.Msg)
	}
	return out
}

func TestParsePlaces(t *testing.T) {
	t.Parallel()
	src := "\ufeff{ // c\n \"a\": [1, \"\\u00e4\\ud83d\\ude00\",], \"b\": {}, \"a\": null }"
	n, notes := Parse([]byte(src))
	if n == nil {
		t.Fatal(notes)
	}
	if got := warnings(notes); !reflect.DeepEqual(got, []string{"comment in JSON", "comma before ']'", `"a" is given again`}) {
		t.Errorf("notes %q", got)
	}
	if len(n.Members) != 2 || n.Get("a").Kind != Null || n.Get("nope") != nil {
		t.Errorf("members %v", n.Members)
	}
	for _, m := range n.Members {
		if at := src[m.Off:]; !strings.HasPrefix(at, `"`+m.Name+`"`) {
			t.Errorf("member %s is at %.10q", m.Name, at)
		}
		if v := src[m.Value.Off:m.Value.End]; v != "null" && v != "{}" {
			t.Errorf("value of %s is %q", m.Name, v)
		}
	}
}

// Where the reader has nothing to say, it must agree with encoding/json, and
// what encoding/json takes it must take.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,-0,true,false,null,"x\n\u0041\ud800"]}`, `[]`, `"ä"`, `{"a":1,"a":2}`, "// x\n{}", `{"a":1,}`, `1e400`, `[[[[]]]]`, "\ufeff{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, notes := Parse(src)
		var want any
		d := json.NewDecoder(strings.NewReader(string(src)))
		d.UseNumber()
		err := d.Decode(&want)
		valid := err == nil && json.Valid(src)
		failed := false
		for _, x := range notes {
			failed = failed || !x.Warning
			if x.Off < 0 || x.Off > len(src) {
				t.Errorf("note outside of the text: %+v", x)
			}
		}
		if failed != (n == nil) {
			t.Errorf("node %v with notes %v", n, notes)
		}
		if n != nil && len(notes) == 0 && !strings.HasPrefix(string(src), "\ufeff") {
			if !valid {
				t.Errorf("accepts %q without a note: %v", src, err)
			} else if got := plain(n); !reflect.DeepEqual(got, want) {
				t.Errorf("%q is %v, want %v", src, got, want)
			}
		}
		if n == nil && valid {
			for _, x := range notes {
				if strings.Contains(x.Msg, "nest deeper") || strings.Contains(x.Msg, "is not a number") {
					return
				}
			}
			t.Errorf("refuses %q: %v", src, notes)
		}
	})
}
