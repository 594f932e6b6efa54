package template

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPosOfLongLines compares columns with those that counting from the line's start
// gives, wherever the offset lies.
func TestPosOfLongLines(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"ascii":   strings.Repeat("a", 3*markSize),
		"short":   "a\nb\n",
		"exact":   strings.Repeat("a", markSize) + "\n" + strings.Repeat("b", markSize),
		"wide":    strings.Repeat("äß漢😀\n", 40) + strings.Repeat("ä漢😀b", markSize),
		"mark":    byteOrderMark + strings.Repeat("é", 2*markSize) + "\nx",
		"invalid": strings.Repeat("\xff\x80\x80\x80\x80\x80a", markSize),
	} {
		if testing.Short() && name == "wide" {
			continue // takes its time under the race detector
		}
		txt := newText("t", []byte(src))
		line := 0
		for off := range len(src) + 1 {
			if off%7 != 0 && off%markSize > 8 && off%markSize < markSize-8 {
				continue
			}
			line = bytes.LastIndexByte(txt.src[:off], '\n') + 1
			head := txt.src[line:off]
			if line == 0 {
				head = bytes.TrimPrefix(head, []byte(byteOrderMark))
			}
			got := txt.pos(off)
			if want := utf8.RuneCount(head) + 1; got.Col != want && utf8.Valid(head) || got.Line != 1+bytes.Count(txt.src[:line], []byte("\n")) {
				t.Fatalf("%s: offset %d is %d:%d, want column %d", name, off, got.Line, got.Col, want)
			}
		}
	}
}
