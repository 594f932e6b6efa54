package term

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestMachineEscapes: what would end a field or a line is written as Packer writes it.
func TestMachineEscapes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := NewMachine(&out)
	m.now = func() time.Time { return time.Unix(1795304701, 5) }
	m.Write("a,b", "ui", "say", "one, two\r\nthree%", "")
	if got, want := out.String(), `1795304701,a%!(PACKER_COMMA)b,ui,say,one%!(PACKER_COMMA) two\r\nthree%,`+"\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMachineLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := NewMachine(&out)
	m.now = func() time.Time { return time.Unix(7, 0) }
	w := m.Lines(false)
	for _, part := range []string{"a", "b\n\nc", "d"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	failed := m.Lines(true)
	failed.Write([]byte("wrong\n"))
	failed.Close()
	w.Close()
	w.Close()
	want := strings.Join([]string{"7,,ui,say,ab", "7,,ui,say,", "7,,ui,error,wrong", "7,,ui,say,cd", ""}, "\n")
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
