package resource

import (
	"regexp"
	"strings"
)

// escape quotes a text for a shell by backslashes, the way that commands are shown in.
func escape(text string) string {
	if text == "" {
		return "''"
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteString("'\n'")
			continue
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(`_-.,:+/@`, r):
		default:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// quoteRegexp makes an expression that matches a text and nothing else, with the
// backslashes that commands are shown with.
func quoteRegexp(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch r {
		case '\n':
			b.WriteString(`\n`)
			continue
		case '\t':
			b.WriteString(`\t`)
			continue
		case '\r':
			b.WriteString(`\r`)
			continue
		case '\f':
			b.WriteString(`\f`)
			continue
		case '\v':
			b.WriteString(`\v`)
			continue
		case '[', ']', '{', '}', '(', ')', '|', '-', '*', '.', '\\', '?', '+', '^', '$', ' ', '#':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// slashed is a regular expression between slashes.
func slashed(v Value) string {
	source, options := Text(v), ""
	if re, ok := v.(Regexp); ok {
		for _, o := range "mix" {
			if strings.ContainsRune(re.Options, o) {
				options += string(o)
			}
		}
	}
	var b strings.Builder
	for i := 0; i < len(source); i++ {
		if source[i] == '\\' && i+1 < len(source) {
			b.WriteString(source[i : i+2])
			i++
			continue
		}
		if source[i] == '/' {
			b.WriteByte('\\')
		}
		b.WriteByte(source[i])
	}
	return "/" + b.String() + "/" + options
}

// ordinary are texts that mean themselves to shells, to the commands of the table,
// and to grep and its likes but for the dot.
var ordinary = regexp.MustCompile(`\A[A-Za-z0-9_/@:,][A-Za-z0-9_/@:,.+-]*\z`)

// word tells whether a line has a text that is no part of a longer word: grep -w.
func word(line, text string) bool {
	for from := 0; ; {
		i := strings.Index(line[from:], text)
		if i < 0 || text == "" {
			return false
		}
		i += from
		end := i + len(text)
		if (i == 0 || !wordByte(line[i-1])) && (end == len(line) || !wordByte(line[end])) {
			return true
		}
		from = i + 1
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
