package syntax

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// source is the text of a file and what places in it are called.
type source struct {
	name  string
	src   string // without byte order mark and carriage returns before newlines
	lines []int  // offsets of line starts
	marks []int  // characters before each multiple of markEvery, nil when all are ASCII
}

// markEvery bounds what a column in a very long line costs.
const markEvery = 256

func newSource(name, text string) source {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	s := source{name: name, src: text, lines: []int{0}}
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
		ascii = ascii && text[i] < utf8.RuneSelf
	}
	if !ascii {
		n := 0
		for i := 0; i < len(text); i++ {
			if i%markEvery == 0 {
				s.marks = append(s.marks, n)
			}
			if utf8.RuneStart(text[i]) {
				n++
			}
		}
	}
	return s
}

func (s *source) at(off int) Pos {
	line := sort.SearchInts(s.lines, off+1)
	start := s.lines[line-1]
	return Pos{File: s.name, Line: line, Column: s.chars(off) - s.chars(start) + 1}
}

func (s *source) line(off int) int { return sort.SearchInts(s.lines, off+1) }

// chars counts the characters before off.
func (s *source) chars(off int) int {
	if s.marks == nil {
		return off
	}
	mark := min(off/markEvery, len(s.marks)-1)
	n := s.marks[mark]
	for i := mark * markEvery; i < off; i++ {
		if utf8.RuneStart(s.src[i]) {
			n++
		}
	}
	return n
}
