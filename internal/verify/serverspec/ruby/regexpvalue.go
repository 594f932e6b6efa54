package ruby

import (
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Regexp is a regular expression.
type Regexp struct {
	source string
	flags  string // of "imx", in the order in which Ruby shows them: mix
	re     *regexp2.Regexp
	names  []string // of named groups, in order
}

// Source is the pattern without its slashes.
func (r *Regexp) Source() string { return r.source }

// Has tells whether the expression has an option: i, m or x.
func (r *Regexp) Has(flag byte) bool { return strings.IndexByte(r.flags, flag) >= 0 }

func (r *Regexp) flagText() string { return r.flags }

// embedded is how an expression stands within another: (?-mix:…).
func (r *Regexp) embedded() string {
	off := ""
	for _, f := range "mix" {
		if !r.Has(byte(f)) {
			off += string(f)
		}
	}
	if off != "" {
		off = "-" + off
	}
	return "(?" + r.flags + off + ":" + r.source + ")"
}

// newRegexp compiles a pattern; flags other than i, m and x mean nothing here.
func (in *Interp) newRegexp(source, flags string) (*Regexp, error) {
	clean := ""
	for _, f := range "mix" {
		if strings.ContainsRune(flags, f) {
			clean += string(f)
		}
	}
	id := clean + "/" + source
	if r, ok := in.patterns[id]; ok {
		return r, nil
	}
	t := &translator{in: in, src: source, extended: strings.Contains(clean, "x")}
	pattern, err := t.translate()
	if err != nil {
		return nil, err
	}
	options := regexp2.RegexOptions(regexp2.Multiline)
	for f, o := range map[string]regexp2.RegexOptions{"i": regexp2.IgnoreCase, "m": regexp2.Singleline, "x": regexp2.IgnorePatternWhitespace} {
		if strings.Contains(clean, f) {
			options |= o
		}
	}
	re, err := regexp2.Compile(pattern, options)
	if err != nil {
		return nil, in.Raise("RegexpError", "%s: /%s/", strings.TrimPrefix(err.Error(), "error parsing regexp: "), source)
	}
	re.MatchTimeout = in.limits.Match
	r := &Regexp{source: source, flags: clean, re: re, names: t.names}
	in.patterns[id] = r
	return r, in.reserve(int64(len(source)) * 16)
}

// Match is a MatchData.
type Match struct {
	re     *Regexp
	text   *String
	groups [][2]int // bytes; -1: took no part
}

func (m *Match) count() int { return len(m.groups) }

// bytes is where a group lies.
func (m *Match) bytes(i int) (from, to int) { return m.groups[i][0], m.groups[i][1] }

// Group is what a group matched, or Nil; 0 is the whole.
func (m *Match) Group(i int) Value {
	if i < 0 {
		i += len(m.groups)
	}
	if i < 0 || i >= len(m.groups) || m.groups[i][0] < 0 {
		return Nil{}
	}
	return &String{s: m.text.String()[m.groups[i][0]:m.groups[i][1]], binary: m.text.binary}
}

// Named is what a named group matched; false when there is none of that name.
func (m *Match) Named(name string) (Value, bool) {
	found, v := false, Value(Nil{})
	for i, n := range m.re.names {
		if n == name {
			found = true
			if g := m.Group(i + 1); !IsNil(g) {
				v = g
			}
		}
	}
	return v, found
}

func (m *Match) special(kind byte) Value {
	text := m.text.String()
	switch kind {
	case '&':
		return m.Group(0)
	case '`':
		return Str(text[:m.groups[0][0]])
	case '\'':
		return Str(text[m.groups[0][1]:])
	}
	for i := len(m.groups) - 1; i > 0; i-- {
		if m.groups[i][0] >= 0 {
			return m.Group(i)
		}
	}
	return Nil{}
}

// subject is a string as the engine wants it, with the way back to bytes.
type subject struct {
	text  *String
	runes []rune
	at    []int // the byte of each rune; nil: the same
}

func (in *Interp) subjectOf(s *String) (*subject, error) {
	text := s.String()
	if err := in.reserve(int64(len(text))); err != nil {
		return nil, err
	}
	sub := &subject{text: s.clone(), runes: make([]rune, 0, len(text))}
	switch {
	case s.ascii():
		for i := range len(text) {
			sub.runes = append(sub.runes, rune(text[i]))
		}
	case !utf8.ValidString(text):
		return nil, in.Raise("ArgumentError", "invalid byte sequence in UTF-8")
	default:
		for i, r := range text {
			sub.runes = append(sub.runes, r)
			sub.at = append(sub.at, i)
		}
		sub.at = append(sub.at, len(text))
	}
	return sub, nil
}

func (s *subject) byteAt(rune int) int {
	if s.at == nil {
		return rune
	}
	return s.at[rune]
}

// find is the first match at or after a rune.
func (in *Interp) find(r *Regexp, s *subject, from int) (*Match, error) {
	if from > len(s.runes) {
		return nil, nil
	}
	got, err := r.re.FindRunesMatchStartingAt(s.runes, from)
	if err != nil {
		return nil, &Exhausted{in.pos, in.limits.Match.String() + " for matching /" + r.source + "/"}
	}
	if got == nil {
		return nil, nil
	}
	m := &Match{re: r, text: s.text}
	for _, g := range got.Groups() {
		if len(g.Captures) == 0 {
			m.groups = append(m.groups, [2]int{-1, -1})
			continue
		}
		m.groups = append(m.groups, [2]int{s.byteAt(g.Index), s.byteAt(g.Index + g.Length)})
	}
	return m, nil
}

// scan calls fn for each match, until it says no.
func (in *Interp) scan(r *Regexp, text *String, fn func(m *Match) (bool, error)) error {
	s, err := in.subjectOf(text)
	if err != nil {
		return err
	}
	runeAt := func(from, b int) int {
		for s.byteAt(from) < b {
			from++
		}
		return from
	}
	for at := 0; at <= len(s.runes); {
		if err := in.step(); err != nil {
			return err
		}
		m, err := in.find(r, s, at)
		if err != nil || m == nil {
			return err
		}
		more, err := fn(m)
		if err != nil || !more {
			return err
		}
		from, to := m.bytes(0)
		at = runeAt(at, to)
		if from == to {
			at++
		}
	}
	return nil
}

// search is the first match, or with last the last one; it sets $~ of who calls.
func (in *Interp) search(c *Call, r *Regexp, text *String, last bool) (*Match, error) {
	var m *Match
	var err error
	if last {
		err = in.scan(r, text, func(one *Match) (bool, error) {
			m = one
			return true, nil
		})
	} else {
		m, err = in.match1(r, text, 0)
	}
	c.setMatch(m)
	return m, err
}

func (in *Interp) match1(r *Regexp, text *String, from int) (*Match, error) {
	if text.binary && !isASCII(r.source) && text.high() {
		return nil, in.incompatible("incompatible encoding regexp match (UTF-8 regexp with ASCII-8BIT string)")
	}
	s, err := in.subjectOf(text)
	if err != nil {
		return nil, err
	}
	return in.find(r, s, from)
}

func (c *Call) setMatch(m *Match) {
	if c.frame == nil || c.frame.act == nil {
		return
	}
	if m == nil {
		c.frame.act.match = Nil{}
		return
	}
	c.frame.act.match = m
}

// groupNumber finds a group by number or name.
func (in *Interp) groupNumber(m *Match, v Value) (int, error) {
	name := ""
	switch v := v.(type) {
	case Int:
		if int(v) < m.count() && int(v) >= 0 {
			return int(v), nil
		}
		return 0, in.Raise("IndexError", "index %d out of matches", int(v))
	case Symbol:
		name = string(v)
	case *String:
		name = v.String()
	}
	best := -1
	for i, n := range m.re.names {
		if n == name && (best < 0 || m.groups[i+1][0] >= 0) {
			best = i + 1
		}
	}
	if best < 0 {
		return 0, in.Raise("IndexError", "undefined group name reference: %s", name)
	}
	return best, nil
}
