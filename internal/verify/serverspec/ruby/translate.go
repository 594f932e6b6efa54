package ruby

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator turns a pattern of Ruby's into one of the engine, which speaks that of .NET.
type translator struct {
	in       *Interp
	src      string
	at       int
	out      strings.Builder
	names    []string
	named    bool  // unnamed groups do not capture beside named ones
	extended bool  // x
	atom     int   // where in out the last atom begins; -1: none
	open     []int // where in out the groups begin that are open
}

func (t *translator) translate() (string, error) {
	t.named = hasNamedGroup(t.src)
	t.atom = -1
	for t.at < len(t.src) {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func hasNamedGroup(src string) bool {
	for i := 0; i+3 < len(src); i++ {
		switch {
		case src[i] == '\\':
			i++
		case src[i:i+3] == "(?<" && src[i+3] != '=' && src[i+3] != '!', src[i:i+3] == "(?'":
			return true
		}
	}
	return false
}

func (t *translator) rest() string { return t.src[t.at:] }

func (t *translator) emit(s string) {
	t.atom = t.out.Len()
	t.out.WriteString(s)
}

func (t *translator) unsupported(what string) error {
	return t.in.unsupported(what + " in a regular expression")
}

func (t *translator) next() error {
	switch ch := t.src[t.at]; ch {
	case '\\':
		return t.escape(false)
	case '[':
		start := t.out.Len()
		if err := t.class(); err != nil {
			return err
		}
		t.atom = start
	case '(':
		return t.group()
	case ')':
		t.at++
		t.out.WriteByte(')')
		if n := len(t.open); n > 0 {
			t.atom = t.open[n-1]
			t.open = t.open[:n-1]
		}
	case '*', '+', '?':
		t.at++
		t.quantifier(string(ch), true)
	case '{':
		t.brace()
	case '#':
		if !t.extended {
			t.at++
			t.emit("#")
			return nil
		}
		end := strings.IndexByte(t.rest(), '\n')
		if end < 0 {
			end = len(t.rest()) - 1
		}
		t.at += end + 1
	case ' ', '\t', '\n', '\r', '\f', '\v':
		t.at++
		if !t.extended {
			t.emit(string(ch))
		}
	case '^':
		t.at++
		t.out.WriteString("^")
		if !t.literalNext() {
			t.out.WriteString(`(?!(?<=\n)\z)`)
		}
		t.atom = -1
	case '$', '|':
		t.at++
		t.out.WriteByte(ch)
		t.atom = -1
	default:
		_, n := utf8.DecodeRuneInString(t.rest())
		t.emit(t.src[t.at : t.at+n])
		t.at += n
	}
	return nil
}

// literalNext tells whether a character comes next that stands for itself, once at least.
// What begins so cannot match the end of the text; anything else may, and a line that ends
// the text begins no other one in Ruby.
func (t *translator) literalNext() bool {
	rest := t.rest()
	if rest == "" || strings.ContainsRune(" \t\r\n\f\v#", rune(rest[0])) && t.extended || strings.IndexByte(`\[](){}.*+?^$|`, rest[0]) >= 0 {
		return false
	}
	_, n := utf8.DecodeRuneInString(rest)
	return n == len(rest) || strings.IndexByte("*?{", rest[n]) < 0
}

// quantifier writes one, and makes an atomic group of what a possessive one repeats.
func (t *translator) quantifier(q string, possible bool) {
	if possible && t.at < len(t.src) && t.src[t.at] == '+' && t.atom >= 0 {
		t.at++
		whole := t.out.String()
		t.out.Reset()
		t.out.WriteString(whole[:t.atom] + "(?>" + whole[t.atom:] + q + ")")
		return
	}
	if t.at < len(t.src) && t.src[t.at] == '?' {
		t.at++
		q += "?"
	}
	t.out.WriteString(q)
}

func (t *translator) brace() {
	end := strings.IndexByte(t.rest(), '}')
	if end > 0 {
		low, high, comma := strings.Cut(t.src[t.at+1:t.at+end], ",")
		if number(low) && number(high) && (low != "" || high != "") && (low != "" || comma) {
			t.at += end + 1
			if low == "" {
				low = "0"
			}
			q := "{" + low
			if comma {
				q += "," + high
			}
			t.quantifier(q+"}", false)
			return
		}
	}
	t.at++
	t.emit(`\{`)
}

func number(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func (t *translator) group() error {
	if len(t.open) > 500 {
		return t.unsupported("so deep a nesting")
	}
	start := t.out.Len()
	rest := t.rest()
	switch {
	case !strings.HasPrefix(rest, "(?"):
		t.at++
		if t.named {
			t.out.WriteString("(?:")
		} else {
			t.out.WriteByte('(')
		}
	case strings.HasPrefix(rest, "(?#"):
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return t.in.Raise("RegexpError", "end pattern in group: /%s/", t.src)
		}
		t.at += end + 1
		return nil
	case strings.HasPrefix(rest, "(?~"):
		return t.unsupported("the absence operator (?~")
	case strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		t.at += 4
		t.out.WriteString(rest[:4])
	case strings.HasPrefix(rest, "(?<") || strings.HasPrefix(rest, "(?'"):
		end := strings.IndexAny(rest[3:], ">'")
		if end < 1 {
			return t.in.Raise("RegexpError", "group name is empty: /%s/", t.src)
		}
		t.names = append(t.names, rest[3:3+end])
		// The engine merges groups of one name; numbers keep them apart.
		t.out.WriteString("(")
		t.at += 3 + end + 1
	case strings.HasPrefix(rest, "(?:"), strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"), strings.HasPrefix(rest, "(?>"):
		t.at += 3
		t.out.WriteString(rest[:3])
	case strings.HasPrefix(rest, "(?("):
		return t.unsupported("a conditional group")
	default:
		return t.options(start)
	}
	t.open = append(t.open, start)
	t.atom = -1
	return nil
}

// options is (?mix-mix) and (?mix-mix:…). Ruby's m is the engine's s, whose own m is
// always on.
func (t *translator) options(start int) error {
	rest := t.rest()
	end := strings.IndexAny(rest, ":)")
	if end < 0 || strings.Trim(rest[2:end], "mixau-") != "" {
		return t.in.Raise("RegexpError", "undefined group option: /%s/", t.src)
	}
	on, off, _ := strings.Cut(rest[2:end], "-")
	clean := func(s string) string {
		return strings.NewReplacer("m", "s", "a", "", "u", "").Replace(s)
	}
	if strings.Contains(on, "x") != t.extended && strings.ContainsAny(rest[2:end], "x") {
		// Comments were taken out already by the outer setting; the inner one rules inside.
		t.extended = strings.Contains(on, "x") || t.extended && !strings.Contains(off, "x")
	}
	text := "(?" + clean(on)
	if clean(off) != "" {
		text += "-" + clean(off)
	}
	t.at += end + 1
	if rest[end] == ')' {
		if text != "(?" {
			t.out.WriteString(text + ")")
		}
		return nil
	}
	t.out.WriteString(text + ":")
	t.open = append(t.open, start)
	t.atom = -1
	return nil
}

const (
	hexDigits = `0-9a-fA-F`
	wordChars = `a-zA-Z0-9_`
	spaces    = ` \t\r\n\f\v`
)

// escape translates what follows a backslash, in a class or outside.
func (t *translator) escape(inClass bool) error {
	if t.at+1 >= len(t.src) {
		return t.in.Raise("RegexpError", "too short escape sequence: /%s/", t.src)
	}
	ch := t.src[t.at+1]
	set := func(body string, negated bool) {
		t.at += 2
		switch {
		case inClass && !negated:
			t.out.WriteString(body)
		case negated:
			t.emit("[^" + body + "]")
		default:
			t.emit("[" + body + "]")
		}
	}
	switch ch {
	case 'h', 'w', 'd', 's':
		set(map[byte]string{'h': hexDigits, 'w': wordChars, 'd': "0-9", 's': spaces}[ch], false)
		return nil
	case 'H', 'W', 'D', 'S':
		if inClass {
			// The engine's own negated classes are close enough where they stand among others.
			t.at += 2
			t.out.WriteString(map[byte]string{'H': `\x00-/:-@G-` + "`" + `g-\uffff`, 'W': `\W`, 'D': `\D`, 'S': `\S`}[ch])
			return nil
		}
		set(map[byte]string{'H': hexDigits, 'W': wordChars, 'D': "0-9", 'S': spaces}[ch], true)
		return nil
	case 'R':
		t.at += 2
		t.emit(`(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])`)
		return nil
	case 'X', 'K', 'g':
		return t.unsupported(`\` + string(ch))
	case 'k':
		return t.namedReference()
	case 'u':
		return t.unicode(inClass)
	case 'p', 'P':
		return t.property(ch)
	case 'Z', 'z', 'A', 'G', 'B':
		t.at += 2
		t.out.WriteString(`\` + string(ch))
		t.atom = -1
		return nil
	case 'b':
		t.at += 2
		t.out.WriteString(`\b`)
		t.atom = -1
		return nil
	case 'n', 't', 'r', 'f', 'v', 'a', 'e', 'x', 'c', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		t.at += 2
		t.put(`\`+string(ch), inClass)
		if ch >= '1' && ch <= '9' {
			for t.at < len(t.src) && t.src[t.at] >= '0' && t.src[t.at] <= '9' {
				t.out.WriteByte(t.src[t.at])
				t.at++
			}
		}
		if ch == 'x' {
			n := 0
			for n < 2 && t.at+n < len(t.src) && digit(t.src[t.at+n]) < 16 {
				n++
			}
			t.out.WriteString(strings.Repeat("0", 2-n) + t.src[t.at:t.at+n])
			t.at += n
		}
		return nil
	}
	_, n := utf8.DecodeRuneInString(t.src[t.at+1:])
	text := t.src[t.at+1 : t.at+1+n]
	if ch < 0x80 && digit(ch) > 36 && ch != '_' {
		text = `\` + text
	}
	t.at += 1 + n
	t.put(text, inClass)
	return nil
}

func (t *translator) put(s string, inClass bool) {
	if inClass {
		t.out.WriteString(s)
		return
	}
	t.emit(s)
}

func (t *translator) namedReference() error {
	rest := t.src[t.at+2:]
	end := strings.IndexAny(rest, ">'")
	if len(rest) > 0 && rest[0] == '\'' {
		end = strings.IndexByte(rest[1:], '\'') + 1
	}
	if end < 1 {
		return t.in.Raise("RegexpError", "invalid backref number/name: /%s/", t.src)
	}
	name := rest[1:end]
	for i, n := range t.names {
		if n == name {
			name = strconv.Itoa(i + 1)
		}
	}
	t.at += 2 + end + 1
	t.emit(`(?:\` + name + `)`)
	return nil
}

func (t *translator) unicode(inClass bool) error {
	rest := t.src[t.at+2:]
	if !strings.HasPrefix(rest, "{") {
		n := min(4, len(rest))
		t.at += 2 + n
		t.put(`\u`+rest[:n], inClass)
		return nil
	}
	end := strings.IndexByte(rest, '}')
	if end < 0 {
		return t.in.Raise("RegexpError", "invalid Unicode escape: /%s/", t.src)
	}
	for part := range strings.FieldsSeq(rest[1:end]) {
		n, err := strconv.ParseInt(part, 16, 32)
		if err != nil {
			return t.in.Raise("RegexpError", "invalid Unicode escape: /%s/", t.src)
		}
		text := string(rune(n))
		if n < 0x80 {
			text = `\x` + strconv.FormatInt(n+0x100, 16)[1:]
		}
		t.put(text, inClass)
	}
	t.at += 2 + end + 1
	return nil
}

// brackets are the sets that have names, as they stand within a class.
func brackets(name string) (string, bool) {
	switch name {
	case "alpha":
		return `\p{L}\p{M}`, true
	case "digit":
		return `\p{Nd}`, true
	case "alnum":
		return `\p{L}\p{M}\p{Nd}`, true
	case "upper":
		return `\p{Lu}`, true
	case "lower":
		return `\p{Ll}`, true
	case "space":
		return ` \t\r\n\f\v\u0085\p{Z}`, true
	case "blank":
		return `\t\p{Zs}`, true
	case "punct":
		return `\p{P}$+<=>^` + "`" + `|~`, true
	case "cntrl":
		return `\p{Cc}`, true
	case "xdigit":
		return hexDigits, true
	case "word":
		return `\p{L}\p{M}\p{Nd}\p{Pc}`, true
	case "graph":
		return `\x21-\x7e\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2060-\u2fff\u3001-\ud7ff\ue000-\uffff`, true
	case "print":
		return `\x20-\x7e\u00a0-\ud7ff\ue000-\uffff`, true
	case "ascii":
		return `\x00-\x7f`, true
	}
	return "", false
}

func (t *translator) property(kind byte) error {
	rest := t.src[t.at+2:]
	end := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "{") || end < 0 {
		return t.in.Raise("RegexpError", "invalid character property name {%c}: /%s/", kind, t.src)
	}
	name := rest[1:end]
	t.at += 2 + end + 1
	if strings.HasPrefix(name, "^") {
		name, kind = name[1:], 'P'+'p'-kind
	}
	if set, ok := brackets(strings.ToLower(name)); ok {
		if kind == 'P' {
			t.emit("[^" + set + "]")
		} else {
			t.emit("[" + set + "]")
		}
		return nil
	}
	t.emit(`\` + string(kind) + "{" + name + "}")
	return nil
}

// class translates a bracket expression.
func (t *translator) class() error {
	t.at++
	t.out.WriteByte('[')
	if strings.HasPrefix(t.rest(), "^") {
		t.at++
		t.out.WriteByte('^')
	}
	first := true
	for depth := 1; ; first = false {
		if t.at >= len(t.src) {
			return t.in.Raise("RegexpError", "premature end of char-class: /%s/", t.src)
		}
		rest := t.rest()
		switch {
		case rest[0] == ']' && !first:
			t.at++
			if depth--; depth == 0 {
				t.out.WriteByte(']')
				return nil
			}
		case rest[0] == ']':
			t.at++
			t.out.WriteString(`\]`)
		case strings.HasPrefix(rest, "[:") && strings.Contains(rest, ":]"):
			end := strings.Index(rest, ":]")
			name, negated := strings.CutPrefix(rest[2:end], "^")
			set, ok := brackets(name)
			if !ok {
				return t.in.Raise("RegexpError", "invalid POSIX bracket type: /%s/", t.src)
			}
			if negated {
				return t.unsupported("[:^" + name + ":]")
			}
			t.out.WriteString(set)
			t.at += end + 2
		case strings.HasPrefix(rest, "[^"), strings.HasPrefix(rest, "&&"):
			return t.unsupported("an intersection or nested negation of character classes")
		case rest[0] == '[':
			t.at++
			depth++
		case rest[0] == '\\':
			if strings.HasPrefix(rest, `\b`) {
				t.at += 2
				t.out.WriteString(`\x08`)
				continue
			}
			if len(rest) > 1 && (rest[1] == 'p' || rest[1] == 'P') {
				if err := t.classProperty(); err != nil {
					return err
				}
				continue
			}
			if err := t.escape(true); err != nil {
				return err
			}
		case rest[0] == '-' && strings.HasPrefix(rest, "-["):
			t.at++
			t.out.WriteString(`\-`)
		default:
			_, n := utf8.DecodeRuneInString(rest)
			t.out.WriteString(rest[:n])
			t.at += n
		}
	}
}

// classProperty is \p{…} within a class.
func (t *translator) classProperty() error {
	rest := t.rest()
	end := strings.IndexByte(rest, '}')
	if end < 3 {
		return t.in.Raise("RegexpError", "invalid character property name: /%s/", t.src)
	}
	name := rest[3:end]
	t.at += end + 1
	if set, ok := brackets(strings.ToLower(name)); ok && rest[1] == 'p' {
		t.out.WriteString(set)
		return nil
	}
	t.out.WriteString(`\` + string(rest[1]) + "{" + name + "}")
	return nil
}
