package interpolate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// Error is a fault in a text.
type Error struct {
	Line int // in the text, from 1; 0 when not known
	Msg  string
}

func (e *Error) Error() string { return e.Msg }

// Use tells what a text refers to.
type Use struct {
	Fields []string // {{.Name}}: first elements, in order of first use
	Users  []string // {{user `name`}}
	Calls  []string // functions
}

// Late tells whether the text needs values that are known only after connect.
func (u Use) Late() bool {
	return slices.Contains(u.Calls, "build") || slices.Contains(u.Fields, Password)
}

// Undefined is the error of a function that there is none of, as rendering the text
// would have it, or nil.
func (u Use) Undefined() error {
	if len(u.Calls) == 0 {
		return nil
	}
	known := Functions()
	for _, name := range u.Calls {
		if !slices.Contains(known, name) {
			return &Error{Msg: fmt.Sprintf("function %q not defined", name)}
		}
	}
	return nil
}

// Password is the one value of {{build `X`}} that templates also write {{.X}}, in
// every text: older versions of Packer knew no other way.
const Password = "WinRMPassword"

// Has tells whether text may hold anything to render.
func Has(text string) bool { return strings.Contains(text, "{{") }

// A parse tree is walked by recursion: these bounds keep it shallow.
const (
	maxText    = 4 << 20
	maxActions = 20_000
)

// Inspect parses a text without rendering it. The error is *Error.
func Inspect(text string) (Use, error) {
	if !Has(text) {
		return Use{}, nil
	}
	trees, err := parseText(text)
	if err != nil {
		return Use{}, err
	}
	var u Use
	for _, t := range trees {
		u.list(t.Root, true)
	}
	return u, nil
}

func parseText(text string) (map[string]*parse.Tree, error) {
	if len(text) > maxText {
		return nil, &Error{Msg: "text with placeholders is longer than 4 MiB"}
	}
	if strings.Count(text, "{{") > maxActions {
		return nil, &Error{Msg: "text has more than 20000 placeholders"}
	}
	t := parse.New(textName)
	t.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := t.Parse(text, "", "", trees); err != nil {
		return nil, asError(err)
	}
	return trees, nil
}

const textName = "text"

var place = regexp.MustCompile(`^template: ` + textName + `:(\d+)(?::\d+)?: (?:executing "[^"]*" at <[^>]*>: )?(?:error calling \w+: )?`)

// asError takes the place out of an error of text/template.
func asError(err error) *Error {
	msg := err.Error()
	e := &Error{Msg: msg}
	if m := place.FindStringSubmatch(msg); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Msg = msg[len(m[0]):]
	}
	return e
}

func add(list *[]string, s string) {
	if !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

// list collects from a list of nodes. outer is false where the dot is no longer
// the data that the field is rendered with.
func (u *Use) list(l *parse.ListNode, outer bool) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		u.node(n, outer)
	}
}

func (u *Use) node(n parse.Node, outer bool) {
	switch n := n.(type) {
	case *parse.ActionNode:
		u.pipe(n.Pipe, outer)
	case *parse.IfNode:
		u.branch(&n.BranchNode, outer, outer)
	case *parse.WithNode:
		u.branch(&n.BranchNode, outer, false)
	case *parse.RangeNode:
		u.branch(&n.BranchNode, outer, false)
	case *parse.TemplateNode:
		u.pipe(n.Pipe, outer)
	case *parse.PipeNode:
		u.pipe(n, outer)
	case *parse.FieldNode:
		if outer {
			add(&u.Fields, n.Ident[0])
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			add(&u.Fields, n.Ident[1])
		}
	case *parse.ChainNode:
		u.node(n.Node, outer)
	case *parse.IdentifierNode:
		add(&u.Calls, n.Ident)
	}
}

func (u *Use) branch(b *parse.BranchNode, outer, inner bool) {
	u.pipe(b.Pipe, outer)
	u.list(b.List, inner)
	u.list(b.ElseList, outer)
}

func (u *Use) pipe(p *parse.PipeNode, outer bool) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			u.node(a, outer)
		}
		if len(c.Args) < 2 {
			continue
		}
		id, isCall := c.Args[0].(*parse.IdentifierNode)
		name, isText := c.Args[1].(*parse.StringNode)
		if isCall && isText && id.Ident == "user" {
			add(&u.Users, name.Text)
		}
	}
}
