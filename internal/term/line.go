package term

import (
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// say writes "==> build: text", detail "    build: text", for every line of text.
func (p *people) say(e build.Event, c paint, text string)    { p.prefixed(e, c, "==> ", text) }
func (p *people) detail(e build.Event, c paint, text string) { p.prefixed(e, c, "    ", text) }

func (p *people) prefixed(e build.Event, c paint, prefix, text string) {
	if who := speaker(e); who != "" {
		prefix += who + ": "
	}
	for l := range strings.Lines(text + "\n") {
		p.line(e, c, prefix+clean(l, p.o.Color))
	}
}

// speaker names who an event is from: a build, or a post-processor of one.
func speaker(e build.Event) string {
	if e.Part == "" {
		return e.Build
	}
	return e.Build + " (" + e.Part + ")"
}

// line writes one line, or several if the text has several.
func (p *people) line(e build.Event, c paint, text string) {
	for l := range strings.Lines(text + "\n") {
		if p.o.Timestamps && e.Type != build.RunFinished { // the summary is for scripts too, which know its lines
			p.out.WriteString(e.Time.Format(time.RFC3339) + ": ")
		}
		l = strings.TrimRight(clean(l, p.o.Color), " \t")
		if p.o.Color && c != plain {
			l = c.start() + l + reset
		} else if strings.Contains(l, "\x1b") {
			l += reset
		}
		p.out.WriteString(l + "\n")
	}
}

func (p *people) blank() { p.out.WriteByte('\n') }

// clean takes out what would do something to a terminal: control characters and
// escape sequences, but for tabs and, if colors are wanted, those that set colors.
// Of text that overwrites itself by carriage returns the last version stays.
func clean(s string, colors bool) string {
	s = strings.TrimRight(s, "\r\n")
	if i := strings.LastIndexByte(s, '\r'); i >= 0 {
		s = s[i+1:]
	}
	if strings.IndexFunc(s, control) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if seq := escape(s); seq != "" {
			if colors && strings.HasPrefix(seq, "\x1b[") && strings.HasSuffix(seq, "m") {
				b.WriteString(seq)
			}
			s = s[len(seq):]
			continue
		}
		i := strings.IndexByte(s[1:], '\x1b') + 1
		if i == 0 {
			i = len(s)
		}
		b.WriteString(strings.Map(func(r rune) rune {
			if control(r) {
				return -1
			}
			return r
		}, s[:i]))
		s = s[i:]
	}
	return b.String()
}

func control(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 }

// escape returns the escape sequence at the beginning of s, or "".
func escape(s string) string {
	if len(s) < 2 || s[0] != '\x1b' {
		if s[0] == '\x1b' {
			return s
		}
		return ""
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return s[:i+1]
			}
			if s[i] < 0x20 || s[i] > 0x3f {
				return s[:i]
			}
		}
		return s
	case ']', 'P', '^', '_': // a text up to its end mark
		if i := strings.IndexAny(s[2:], "\x07\x1b"); i >= 0 && s[2+i] == '\x07' {
			return s[:2+i+1]
		} else if i >= 0 {
			return s[:min(2+i+2, len(s))] // with the backslash that follows
		}
		return s
	}
	return s[:2]
}
