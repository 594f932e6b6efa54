package json

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, want string
		change         func(n *Node)
	}{
		{"unchanged", " {\n  \"a\" : [1,2 , 3], // c\n  \"\\u0062\": {}\n} \n", " {\n  \"a\" : [1,2 , 3], // c\n  \"\\u0062\": {}\n} \n", func(*Node) {}},
		{"trailing commas", "{\n  \"a\": [1, 2, ],\n}", "{\n  \"a\": [1, 2 ]\n}", func(*Node) {}},
		{"comments stay", "{\n  \"a\": 1 /* x */, // y\n  \"b\": 2 // z\n}", "{\n  \"a\": 1 /* x */, // y\n  \"b\": 2 // z\n}", func(*Node) {}},
		{"hidden", "{\n  \"a\": 1,\n  \"b\": 2,\n  \"a\": 3\n}", "{\n  \"a\": 3,\n  \"b\": 2\n}", func(*Node) {}},
		{"rename", `{"a": 1,"b":2}`, `{"x": 1,"b":2}`, func(n *Node) { n.Members[0].Name = "x" }},
		{"remove first", "{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"b\": 2\n}", func(n *Node) { n.Members = n.Members[1:] }},
		{"remove last", "{\n  \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": 1\n}", func(n *Node) { n.Members = n.Members[:1] }},
		{"remove all", "{\n  \"a\": 1\n}", "{\n}", func(n *Node) { n.Members = nil }},
		{"replace", "{ \"a\": 1 }", "{ \"a\": \"<\\\"\" }", func(n *Node) {
			v := n.Members[0].Value
			v.Kind, v.Text, v.Fresh = String, `<"`, true
		}},
		{"add", "{\n  \"a\": 1\n}", "{\n  \"a\": 1,\n  \"b\": [1, {\"c\": null, \"d\": true}]\n}", func(n *Node) {
			inner := &Node{Kind: Object, Fresh: true, Members: []Member{
				{Name: "c", Fresh: true, Value: &Node{Fresh: true}}, {Name: "d", Fresh: true, Value: &Node{Kind: Bool, Text: "true", Fresh: true}},
			}}
			list := &Node{Kind: Array, Fresh: true, Elems: []*Node{{Kind: Number, Text: "1", Fresh: true}, inner}}
			n.Members = append(n.Members, Member{Name: "b", Fresh: true, Value: list})
		}},
	} {
		n, notes := Parse([]byte(c.in))
		if n == nil {
			t.Fatal(notes)
		}
		c.change(n)
		if got := string(Write([]byte(c.in), n)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What is written must mean what was read, and reading it again must find nothing
// to warn of but comments.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,],"b":{},}`, "// x\n{\"a\":1, /* y */ \"a\":2,}", `[[],[1 , 2]]`, `{"a":{"b":1,"b":2}}`, "\ufeff{}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		n, _ := Parse(src)
		if n == nil {
			return
		}
		out := Write(src, n)
		again, notes := Parse(out)
		if again == nil {
			t.Fatalf("%q became %q: %v", src, out, notes)
		}
		if a, b := plain(n), plain(again); !reflect.DeepEqual(a, b) {
			t.Errorf("%q became %q: %v, %v", src, out, a, b)
		}
		for _, x := range notes {
			if x.Msg != "comment in JSON" && !json.Valid(src) && x.Hint != "save the file as UTF-8" {
				t.Errorf("%q became %q: %s", src, out, x.Msg)
			}
		}
	})
}
