package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// patterns look at a text line by line. Each plain one must be found in some
// line, each inverse one in none.
type patterns []pattern

type pattern struct {
	written string
	text    string         // part of a line, when re is nil
	re      *regexp.Regexp //
	inverse bool
}

// patterns makes the matcher of a list: "text", "!text", "/expression/flags",
// "!/expression/", "\!text that begins with an exclamation mark".
func (c compiler) patterns(n *node) matcher {
	var all patterns
	for _, item := range n.items {
		if item.shape != scalar {
			c.p.add(item.pos, "to combine matchers write and: [{…}, {…}] in place of the list", "a pattern must be a text, not %s", item.is())
			continue
		}
		pat, err := newPattern(item.text)
		if err != nil {
			c.p.add(item.pos, "the syntax is that of Go's regexp package", "bad regular expression: %s", reason(item, err))
			continue
		}
		all = append(all, pat)
	}
	return all
}

// newPattern reads one pattern. What goss cuts off at the front of a plain text is
// cut off here as well: "/usr" without a second slash looks for "usr".
func newPattern(s string) (pattern, error) {
	body, inverse := strings.CutPrefix(s, "!")
	p := pattern{written: s, inverse: inverse}
	if end := strings.LastIndexByte(body, '/'); end > 0 && body[0] == '/' && strings.Trim(body[end+1:], "ims") == "" {
		expr := body[1:end]
		if flags := body[end+1:]; flags != "" {
			expr = "(?" + flags + ")" + expr
		}
		var err error
		p.re, err = regexp.Compile(expr)
		return p, err
	}
	p.text = strings.TrimLeft(s, `\/!`)
	return p, nil
}

func (p pattern) in(line string) bool {
	if p.re != nil {
		return p.re.MatchString(line)
	}
	return strings.Contains(line, p.text)
}

func (m patterns) match(v any) outcome {
	switch v.(type) {
	case nil, map[string]any:
		return outcome{misfit: "is not a text"}
	}
	text := asText(v)
	var lines []string
	if text != "" {
		lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	var missing []string
	for _, p := range m {
		at := -1
		for i, l := range lines {
			if p.in(strings.TrimSuffix(l, "\r")) {
				at = i
				break
			}
		}
		switch {
		case at >= 0 && p.inverse:
			return outcome{
				wanted: p.words(false),
				found:  fmt.Sprintf("line %d: %s", at+1, show(strings.TrimSuffix(lines[at], "\r"))),
			}
		case at < 0 && !p.inverse && p.written != "":
			missing = append(missing, p.words(false))
		}
	}
	if len(missing) == 0 {
		return outcome{ok: true}
	}
	return outcome{wanted: cut(strings.Join(missing, ", "), maxWords), found: nothingIn(lines)}
}

// nothingIn tells where a line was looked for in vain.
func nothingIn(lines []string) string {
	switch len(lines) {
	case 0:
		return "nothing: it is empty"
	case 1:
		return show(lines[0])
	}
	return fmt.Sprintf("no such line in %d lines, the first is %s", len(lines), show(cut(lines[0], 60)))
}

func (p pattern) words(not bool) string {
	prefix := "a line "
	if p.inverse != not {
		prefix = "no line "
	}
	if p.re != nil {
		return prefix + "matching " + cut(strings.TrimPrefix(p.written, "!"), maxWords)
	}
	return prefix + "with " + cut(strconv.Quote(p.text), maxWords)
}

func (m patterns) words(v voice) string {
	list := make([]string, len(m))
	for i, p := range m {
		list[i] = p.words(v.not)
	}
	and := ", "
	if v.not {
		and = " or "
	}
	return voice{plural: v.plural}.say("has ", "have ") + strings.Join(list, and)
}
