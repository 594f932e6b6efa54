package install

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestKeysAreSorted(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(Keys()) {
		t.Error("names are looked up in a list that is not sorted")
	}
}

func TestParseBootCommand(t *testing.T) {
	t.Parallel()
	typed := func(s string) (out []Stroke) {
		for _, r := range s {
			out = append(out, Stroke{Char: r})
		}
		return out
	}
	wait := func(d time.Duration) []Stroke { return []Stroke{{Wait: d}} }
	tests := []struct {
		text     string
		want     []Stroke
		doubtful []string
		err      string
	}{
		{text: ""},
		{text: "aä<", want: typed("aä<")},
		{text: "<wait>", want: wait(time.Second)},
		{text: "<wait5>", want: wait(5 * time.Second)},
		{text: "<wait1m30s>", want: wait(90 * time.Second)},
		{text: "<wait1.5h>", want: wait(90 * time.Minute)},
		{text: "<wait200ms>", want: wait(200 * time.Millisecond)},
		{text: "<wait3µs>", want: wait(3 * time.Microsecond)},
		{text: "a<wait0>b", want: typed("ab")},
		{text: "<wait-5s>", err: "<wait-5s> is no pause: it is negative"},
		{text: "<wait99999999999h>", err: "is no pause"},
		{text: "<wait05>", want: typed("<wait05>"), doubtful: []string{"<wait05>"}},
		{text: "<wait.5s>", want: typed("<wait.5s>"), doubtful: []string{"<wait.5s>"}},
		{text: "<wait5.s>", want: typed("<wait5.s>"), doubtful: []string{"<wait5.s>"}},
		{text: "<Wait>", want: typed("<Wait>"), doubtful: []string{"<Wait>"}},
		{text: "<enter>", want: []Stroke{{Key: "enter"}}},
		{text: "<ENTER>", want: []Stroke{{Key: "enter"}}},
		{text: "<leftCtrlOn>c<leftCtrlOff>", want: []Stroke{{Key: "leftctrl", Action: Hold}, {Char: 'c'}, {Key: "leftctrl", Action: Release}}},
		{text: "<leftOption>", want: []Stroke{{Key: "leftoption"}}},
		{text: "<leftOptionOn>", want: []Stroke{{Key: "leftoption", Action: Hold}}},
		{text: "<f1><f12>", want: []Stroke{{Key: "f1"}, {Key: "f12"}}},
		{text: "<cOn><cOff>", want: []Stroke{{Char: 'c', Action: Hold}, {Char: 'c', Action: Release}}},
		{text: "<äOn>", want: []Stroke{{Char: 'ä', Action: Hold}}},
		{text: "<on>", want: typed("<on>"), doubtful: []string{"<on>"}},
		{text: "<entr>x<entr>", want: typed("<entr>x<entr>"), doubtful: []string{"<entr>"}},
		{text: "<<enter>", want: append(typed("<"), Stroke{Key: "enter"})},
		{text: "cat <<EOF >x", want: typed("cat <<EOF >x")},
		{text: "a <b/> <c d>", want: typed("a <b/> <c d>")},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, doubtful, err := ParseBootCommand(tt.text)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if !slices.Equal(got, tt.want) || !slices.Equal(doubtful, tt.doubtful) {
				t.Errorf("got %v %q, want %v %q", got, doubtful, tt.want, tt.doubtful)
			}
		})
	}
}

// FuzzParseBootCommand: every text is typed in full, with nothing that it does not say.
func FuzzParseBootCommand(f *testing.F) {
	for _, s := range []string{"", "<wait5>", "<leftCtrlOn>c<leftCtrlOff>", "<<enter>", "\xff<wait1h2m>", "<waitOn>", "<>On>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		strokes, _, err := ParseBootCommand(s)
		if err != nil {
			return
		}
		if len(strokes) > utf8.RuneCountInString(s) {
			t.Errorf("%d strokes of %q", len(strokes), s)
		}
		for _, k := range strokes {
			if k.Wait < 0 || k.Wait > 0 && (k.Key != "" || k.Char != 0) || k.Key != "" && (k.Char != 0 || !slices.Contains(Keys(), k.Key)) {
				t.Errorf("%+v of %q", k, s)
			}
		}
	})
}
