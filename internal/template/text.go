package template

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"
)

// text is one source file: its content and where its lines begin.
type text struct {
	name  string
	src   []byte
	start []int // byte offset of each line
	marks []int // characters before each block of the text, which may be one long line
}

// markSize is the size of a block of a text, in bytes.
const markSize = 4096

func newText(name string, src []byte) *text {
	t := &text{name: name, src: src, start: []int{0}, marks: []int{0}}
	for from, n := 0, 0; from+markSize < len(src); from += markSize {
		n += utf8.RuneCount(src[t.block(from):t.block(from+markSize)])
		t.marks = append(t.marks, n)
	}
	for off := 0; ; {
		i := bytes.IndexByte(src[off:], '\n')
		if i < 0 {
			return t
		}
		off += i + 1
		t.start = append(t.start, off)
	}
}

const byteOrderMark = "\ufeff"

// pos gives the place of a byte offset; offsets outside the text count as its ends.
func (t *text) pos(off int) Pos {
	off = max(0, min(off, len(t.src)))
	n := sort.SearchInts(t.start, off+1) - 1
	col := t.runes(off) - t.runes(t.start[n]) + 1
	if n == 0 && off >= len(byteOrderMark) && bytes.HasPrefix(t.src, []byte(byteOrderMark)) {
		col--
	}
	return Pos{File: t.name, Line: n + 1, Col: col}
}

// runes counts the characters before an offset.
func (t *text) runes(off int) int {
	n := min(off/markSize, len(t.marks)-1)
	from := t.block(n * markSize)
	return t.marks[n] + utf8.RuneCount(t.src[from:off])
}

// block is where the block that begins near an offset really begins: no character
// lies in two.
func (t *text) block(off int) int {
	for back := range utf8.UTFMax {
		if at := off - back; at <= 0 || utf8.RuneStart(t.src[at]) {
			return max(0, at)
		}
	}
	return off
}

// maxLine bounds the part of a source line that a diagnostic carries: a template
// may be one line of megabytes.
const maxLine = 400

// line returns line n (from 1) without its line end, cut after maxLine characters.
func (t *text) line(n int) string {
	if n < 1 || n > len(t.start) {
		return ""
	}
	end := len(t.src)
	if n < len(t.start) {
		end = t.start[n] - 1
	}
	from := t.start[n-1]
	end = min(end, from+maxLine*utf8.UTFMax)
	s := strings.ToValidUTF8(string(t.src[from:end]), "\ufffd")
	s = strings.TrimSuffix(s, "\r")
	if n == 1 {
		s = strings.TrimPrefix(s, byteOrderMark)
	}
	if r := []rune(s); len(r) > maxLine {
		s = string(r[:maxLine])
	}
	return s
}
