package ruby

import (
	"strings"
	"unicode/utf8"
)

// String is a String. Its bytes are UTF-8, well formed or not, or binary.
type String struct {
	s      string
	more   []byte // s with what << added since, when not nil
	frozen bool
	binary bool // ASCII-8BIT
}

// Str makes a string.
func Str(s string) *String { return &String{s: s} }

// Binary makes a string of ASCII-8BIT.
func Binary(b []byte) *String { return &String{s: string(b), binary: true} }

// String is the bytes.
func (s *String) String() string {
	if s.more != nil {
		s.s, s.more = string(s.more), nil
	}
	return s.s
}

func (s *String) set(text string) { s.s, s.more = text, nil }

// add appends without copying what is there each time.
func (s *String) add(text string) {
	if s.more == nil {
		s.more = append(make([]byte, 0, 2*len(s.s)+len(text)), s.s...)
	}
	s.more = append(s.more, text...)
}

func (s *String) size() int {
	if s.more != nil {
		return len(s.more)
	}
	return len(s.s)
}

func (s *String) clone() *String { return &String{s: s.String(), binary: s.binary} }

func (s *String) frozenCopy() *String {
	c := s.clone()
	c.frozen = true
	return c
}

// chars takes a string apart: bytes that are no UTF-8 stand for themselves.
func (s *String) chars() []string { return charsOf(s.String(), s.binary) }

func charsOf(s string, binary bool) []string {
	list := make([]string, 0, len(s))
	for i := 0; i < len(s); {
		n := 1
		if !binary {
			_, n = utf8.DecodeRuneInString(s[i:])
		}
		list = append(list, s[i:i+n])
		i += n
	}
	return list
}

// length is the number of characters.
func (s *String) length() int {
	if s.binary {
		return s.size()
	}
	return utf8.RuneCountInString(s.String())
}

// ascii tells whether characters are bytes, so that offsets need no counting.
func (s *String) ascii() bool { return s.binary || isASCII(s.String()) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// offset is the byte at which a character begins; the length if it is behind the end.
func offset(s string, char int, bytes bool) int {
	if bytes {
		return min(char, len(s))
	}
	i := 0
	for ; char > 0 && i < len(s); char-- {
		_, n := utf8.DecodeRuneInString(s[i:])
		i += n
	}
	return i
}

// slice is n characters from start on, or no string when start is outside.
func (s *String) slice(start, n int) (*String, bool) {
	text, bytes := s.String(), s.ascii()
	length := len(text)
	if !bytes {
		length = utf8.RuneCountInString(text)
	}
	if start < 0 {
		start += length
	}
	if start < 0 || start > length || n < 0 {
		return nil, false
	}
	if n > length-start {
		n = length - start
	}
	from := offset(text, start, bytes)
	to := from + offset(text[from:], n, bytes)
	return &String{s: text[from:to], binary: s.binary}, true
}

// succ is the string after: a9 → b0, Zz → AAa.
func succ(s string) string {
	if s == "" {
		return ""
	}
	b := []byte(s)
	isDigit := func(c byte) bool { return c >= '0' && c <= '9' }
	isAlnum := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	if strings.IndexFunc(s, func(r rune) bool { return r < 0x80 && isAlnum(byte(r)) }) < 0 {
		for i := len(b) - 1; i >= 0; i-- {
			b[i]++
			if b[i] != 0 {
				return string(b)
			}
		}
		return "\x01" + string(b)
	}
	last, separated := -1, false
	for i := len(b) - 1; i >= 0; i-- {
		if !isAlnum(b[i]) {
			separated = last >= 0
			continue
		}
		// Across what separates them, digits carry on to digits and letters to letters.
		if separated && isDigit(b[i]) != isDigit(s[last]) {
			break
		}
		separated = false
		last = i
		switch b[i] {
		case '9':
			b[i] = '0'
		case 'z':
			b[i] = 'a'
		case 'Z':
			b[i] = 'A'
		default:
			b[i]++
			return string(b)
		}
	}
	first := byte('1')
	switch b[last] {
	case 'a':
		first = 'a'
	case 'A':
		first = 'A'
	}
	return string(b[:last]) + string(first) + string(b[last:])
}
