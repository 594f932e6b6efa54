package upgrade

import (
	"regexp"
	"strconv"
	"strings"
)

// piece of a text with placeholders: plain text, or what stands between {{ and }}.
type piece struct {
	action bool
	text   string
}

// split takes a text apart. An action without an end counts as plain text.
func split(s string) []piece {
	var out []piece
	for s != "" {
		from := strings.Index(s, "{{")
		if from < 0 {
			break
		}
		to := actionEnd(s[from+2:])
		if to < 0 {
			break
		}
		if from > 0 {
			out = append(out, piece{text: s[:from]})
		}
		out = append(out, piece{true, s[from+2 : from+2+to]})
		s = s[from+2+to+2:]
	}
	if s != "" {
		out = append(out, piece{text: s})
	}
	return out
}

// actionEnd finds the }} that ends an action; those in its strings do not.
func actionEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '}':
			if strings.HasPrefix(s[i:], "}}") {
				return i
			}
		case '`', '"', '\'':
			end := stringEnd(s[i:])
			if end < 0 {
				return -1
			}
			i += end - 1
		}
	}
	return -1
}

// stringEnd is the length of the string that s begins with, or -1.
func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return -1
}

var word = regexp.MustCompile("[.$]?[A-Za-z_][A-Za-z0-9_.]*|`[^`]*`|\"(?:[^\"\\\\]|\\\\.)*\"|\\s+|.")

// words are the parts of an action, without white space.
func (p piece) words() []string {
	var out []string
	for _, w := range word.FindAllString(p.text, -1) {
		if strings.TrimSpace(w) != "" {
			out = append(out, w)
		}
	}
	return out
}

// isCall tells whether the action is one call of a function with n strings.
func (p piece) isCall(name string, n int) bool {
	if !p.action {
		return false
	}
	w := p.words()
	if len(w) != n+1 || w[0] != name {
		return false
	}
	return len(p.args()) == n
}

// args are the values of the strings after the first word.
func (p piece) args() []string {
	var out []string
	for _, w := range p.words()[1:] {
		if s, ok := literal(w); ok {
			out = append(out, s)
		}
	}
	return out
}

// literal is the value of a string.
func literal(w string) (string, bool) {
	if len(w) < 2 || w[0] != '`' && w[0] != '"' {
		return "", false
	}
	s, err := strconv.Unquote(w)
	return s, err == nil
}

// userCall is the expression for a placeholder that is one user variable, or "".
func (u *upgrader) userCall(p piece) string {
	if !p.isCall("user", 1) {
		return ""
	}
	return u.names[p.args()[0]]
}

// action writes a placeholder. A variable alone becomes an interpolation; within
// more it becomes a string in backticks, since HCL2 fills it in first.
func (u *upgrader) action(p piece) string {
	switch {
	case u.userCall(p) != "":
		return "${" + u.userCall(p) + "}"
	case u.name != "" && (p.isCall("build_name", 0) || p.isCall(".BuildName", 0)):
		return u.name
	case p.isCall("template_dir", 0):
		return "${abspath(path.root)}"
	case p.isCall("pwd", 0):
		return "${path.cwd}"
	}
	var b strings.Builder
	call := ""
	for _, w := range word.FindAllString(p.text, -1) {
		s, isText := literal(w)
		switch {
		case isText && call == "user" && u.names[s] != "":
			b.WriteString("`${" + u.names[s] + "}`")
			call = ""
		case isText && call == "env":
			b.WriteString("`${" + u.environment(s) + "}`")
			call = ""
		case w == "user" || w == "env":
			call = w
		case u.name != "" && (w == "build_name" || w == ".BuildName"):
			b.WriteString("`" + u.name + "`")
		case w == "template_dir":
			b.WriteString("`${abspath(path.root)}`")
		case w == "pwd":
			b.WriteString("`${path.cwd}`")
		case call != "" && strings.TrimSpace(w) == "":
		default:
			if call != "" {
				b.WriteString(call + " ") // not a call with a string after all
				call = ""
			}
			b.WriteString(escape(w))
		}
	}
	return "{{" + b.String() + call + "}}"
}
