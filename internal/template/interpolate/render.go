package interpolate

import (
	"errors"
	"strings"
	"text/template"
	"text/template/parse"
)

// maxOutput bounds what one text may render to, and each step on the way.
const maxOutput = 16 << 20

// Render fills in a text. data answers {{.Name}}; nil leaves "<no value>", as
// text/template does. late answers {{build `X`}}. The error is *Error.
func Render(text string, env *Env, data any, late map[string]string) (string, error) {
	if !Has(text) {
		return text, nil
	}
	trees, err := parseText(text)
	if err != nil {
		return "", err
	}
	r := &run{env: env, late: late}
	t := template.New(textName).Funcs(r.funcs()).Option("missingkey=default")
	names := make(map[string]bool)
	for name := range r.funcs() {
		names[name] = true
	}
	for name, tree := range trees {
		if err := checkCalls(tree, names); err != nil {
			return "", err
		}
		boundLoops(tree.Root)
		if _, err := t.AddParseTree(name, tree); err != nil {
			return "", asError(err)
		}
	}
	if data == nil && late != nil {
		data = map[string]string{Password: late[Password]}
	}
	var out limited
	if err := t.Execute(&out, data); err != nil {
		return "", asError(err)
	}
	return out.String(), nil
}

// builtin are the functions of text/template that are not replaced by bounded ones.
var builtin = []string{"and", "or", "not", "call", "index", "slice", "len", "eq", "ne", "lt", "le", "gt", "ge"}

func checkCalls(t *parse.Tree, names map[string]bool) error {
	var u Use
	u.list(t.Root, true)
	for _, c := range u.Calls {
		known := names[c]
		for _, b := range builtin {
			known = known || b == c
		}
		if !known {
			return &Error{Msg: "function \"" + c + "\" not defined"}
		}
	}
	return nil
}

// boundLoops makes every loop call the step function each time around.
func boundLoops(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		var b *parse.BranchNode
		switch n := n.(type) {
		case *parse.IfNode:
			b = &n.BranchNode
		case *parse.WithNode:
			b = &n.BranchNode
		case *parse.RangeNode:
			b = &n.BranchNode
			step := b.List.CopyList()
			step.Nodes = append([]parse.Node{stepAction()}, step.Nodes...)
			b.List = step
		default:
			continue
		}
		boundLoops(b.List)
		boundLoops(b.ElseList)
	}
}

const stepFunc = "loopstep"

func stepAction() parse.Node {
	t := parse.New("step")
	t.Mode = parse.SkipFuncCheck
	t, err := t.Parse("{{"+stepFunc+"}}", "", "", map[string]*parse.Tree{})
	if err != nil {
		panic(err) // a constant text
	}
	return t.Root.Nodes[0]
}

// limited is a builder that refuses to grow without end.
type limited struct{ strings.Builder }

var errTooLong = errors.New("result is longer than 16 MiB")

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxOutput {
		return 0, errTooLong
	}
	return l.Builder.Write(p)
}
