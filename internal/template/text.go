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
}

func newText(name string, src []byte) *text {
	t := &text{name: name, src: src, start: []int{0}}
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
	head := t.src[t.start[n]:off]
	if n == 0 {
		head = bytes.TrimPrefix(head, []byte(byteOrderMark))
	}
	return Pos{File: t.name, Line: n + 1, Col: utf8.RuneCount(head) + 1}
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
