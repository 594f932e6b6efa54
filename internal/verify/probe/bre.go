package probe

import (
	"regexp"
	"strings"
)

// pattern is a basic regular expression of the subset that every grep reads alike
// in the C locale. Bytes are matched, not characters.
type pattern struct {
	literal string         // when re is nil
	re      *regexp.Regexp // over lines in which each byte is one rune
}

// SimplePattern tells whether a grep question can decide a basic regular expression
// by itself. It cannot when programs disagree about the expression.
func SimplePattern(text string) bool {
	_, ok := parsePattern(text)
	return ok
}

// parsePattern reads a basic regular expression: literals, dots, stars, anchors,
// bracket expressions, escaped punctuation, and \s \S \w \W. Everything else, and an
// empty expression, is not ok.
func parsePattern(text string) (pattern, bool) {
	if text == "" || strings.ContainsAny(text, "\x00\n") {
		return pattern{}, false
	}
	var re, literal strings.Builder
	plain, atom, starred := true, false, false // atom: something stands before that a star can repeat
	for i := 0; i < len(text); {
		c := text[i]
		i++
		first, wasStarred := i == 1, starred
		starred = false
		switch {
		case c == '^' && first:
			plain = false
			re.WriteByte('^')
			continue
		case c == '$' && i == len(text):
			plain = false
			re.WriteByte('$')
			continue
		case c == '*' && atom:
			if wasStarred {
				return pattern{}, false
			}
			plain, starred = false, true
			re.WriteByte('*')
			continue
		case c == '.':
			plain = false
			re.WriteString(`[^\n]`)
		case c == '[':
			class, n, ok := parseBracket(text[i:])
			if !ok {
				return pattern{}, false
			}
			plain = false
			re.WriteString(class)
			i += n
		case c == '\\':
			if i == len(text) {
				return pattern{}, false
			}
			e := text[i]
			i++
			switch {
			case e == 's' || e == 'S' || e == 'w' || e == 'W':
				plain = false
				re.WriteString(escapedClass[e])
			case strings.IndexByte(`.[]*^$\/-"#%&,:;=@~! `, e) >= 0:
				literal.WriteByte(e)
				re.WriteString(quoteByte(e))
			default: // operators, back references, and what programs disagree about
				return pattern{}, false
			}
		default:
			literal.WriteByte(c)
			re.WriteString(quoteByte(c))
		}
		atom = true
	}
	if plain {
		return pattern{literal: literal.String()}, true
	}
	compiled, err := regexp.Compile(re.String())
	return pattern{re: compiled}, err == nil
}

var escapedClass = map[byte]string{
	's': `[ \t\v\f\r]`, 'S': `[^ \t\n\v\f\r]`, 'w': `[0-9A-Za-z_]`, 'W': `[^0-9A-Za-z_\n]`,
}

// parseBracket reads what follows the opening bracket, and returns the class and how
// long it was.
func parseBracket(text string) (class string, n int, ok bool) {
	var b strings.Builder
	b.WriteByte('[')
	i := 0
	if strings.HasPrefix(text, "^") {
		b.WriteString(`^\n`)
		i++
	}
	start := i
	for {
		if i >= len(text) {
			return "", 0, false
		}
		c := text[i]
		switch {
		case c == ']' && i > start:
			b.WriteByte(']')
			return b.String(), i + 1, true
		case c >= 0x80:
			return "", 0, false
		case c == '[' && i+1 < len(text) && strings.IndexByte(":.=", text[i+1]) >= 0:
			end := strings.Index(text[i:], ":]")
			if text[i+1] != ':' || end < 0 || !namedClass(text[i+2:i+end]) {
				return "", 0, false
			}
			if name := text[i+2 : i+end]; name == "space" {
				b.WriteString(` \t\v\f\r`)
			} else {
				b.WriteString("[:" + name + ":]")
			}
			i += end + 2
		case i+2 < len(text) && text[i+1] == '-' && text[i+2] != ']':
			if !sameRange(c, text[i+2]) {
				return "", 0, false
			}
			b.WriteString(string(c) + "-" + string(text[i+2]))
			i += 3
		default:
			b.WriteString(quoteByte(c))
			i++
		}
	}
}

func namedClass(name string) bool {
	switch name {
	case "alnum", "alpha", "blank", "cntrl", "digit", "lower", "space", "upper", "xdigit":
		return true
	}
	return false
}

// sameRange tells whether a range means the same in every locale: digits, or letters
// of one case.
func sameRange(from, to byte) bool {
	within := func(a, z byte) bool { return a <= from && from <= to && to <= z }
	return within('0', '9') || within('a', 'z') || within('A', 'Z')
}

// quoteByte makes a byte one rune that stands for itself, inside of brackets too.
func quoteByte(c byte) string {
	if c < 0x80 && strings.IndexByte(`\.+*?()|[]{}^$-&~`, c) >= 0 {
		return `\` + string(c)
	}
	return string(rune(c))
}

// runes turns each byte into one rune.
func runes(line []byte) []byte {
	for _, c := range line {
		if c >= 0x80 {
			wide := make([]rune, len(line))
			for i, c := range line {
				wide[i] = rune(c)
			}
			return []byte(string(wide))
		}
	}
	return line
}
