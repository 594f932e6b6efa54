package ssh

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
)

// TestStream: marks are found wherever the pieces are cut, and nothing else is lost.
func TestStream(t *testing.T) {
	t.Parallel()
	const mark = "proofmark-x"
	tests := []struct{ name, text, out, noise, events string }{
		{"all", "hello\nproofmark-x-ready-b1.out\nproofmark-x-end.late", "out\n", "hello", "ready-b1"},
		{"nothing", "", "", "", ""},
		{"only noise", "no shell here\n", "", "no shell here", ""},
		{"cut before its end", "proofmark-x-ready.out proofmark-", "out proofmark-", "", "ready"},
		{"looks like one", "proofmark-x-ready.proofmark-y-end. proofmark-x_end.proofmark-x-end.", "proofmark-y-end. proofmark-x_end.", "", "ready"},
		{"begins and goes on", "proofmark-x-ready.proofmark-x-" + strings.Repeat("z", 200) + ".proofmark-x-end.", "proofmark-x-" + strings.Repeat("z", 200) + ".", "", "ready"},
		{"twice", "proofmark-x-ready.proofmark-x-ready-b.a\x00\xffproofmark-x-end.", "a\x00\xff", "", "ready ready-b"},
		{"asks", "proofmark-x-password.proofmark-x-ready.yproofmark-x-end.", "y", "", "password ready"},
	}
	for _, tt := range tests {
		for _, one := range []bool{false, true} {
			var out bytes.Buffer
			var events []string
			s := newStream(mark, &out, func(e string) { events = append(events, e) }, func() {})
			if one {
				s.copy(iotest.OneByteReader(strings.NewReader(tt.text)))
			} else {
				s.copy(strings.NewReader(tt.text))
			}
			if out.String() != tt.out || s.said() != tt.noise || strings.Join(events, " ") != tt.events {
				t.Errorf("%s: %q, noise %q, events %q", tt.name, out.String(), s.said(), events)
			}
		}
	}
}

func FuzzStream(f *testing.F) {
	f.Add("text", 3)
	f.Add("proofmark-x-en", 1)
	f.Add("proofmark-x-\x00proofmark-x-ready.", 7)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		if strings.Contains(text, "proofmark-x-") {
			return // a command cannot know its mark
		}
		var out bytes.Buffer
		s := newStream("proofmark-x", &out, func(string) {}, func() {})
		whole := "noise proofmark-x-ready-b." + text + "proofmark-x-end."
		if cut = cut % len(whole); cut < 0 {
			cut = -cut
		}
		s.take([]byte(whole[:cut]))
		s.take([]byte(whole[cut:]))
		select {
		case <-s.ended:
		default:
			t.Errorf("no end in %q", whole)
		}
		if out.String() != text {
			t.Errorf("%q became %q", text, out.String())
		}
	})
}
