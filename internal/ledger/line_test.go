package ledger

import (
	"bytes"
	"strings"
	"testing"
)

// A file that was cut off anywhere reads as the lines before the cut.
func TestParseOfAPrefix(t *testing.T) {
	t.Parallel()
	text := []byte(`{"seq":1,"state":"intended","intent":{"run":"r","kind":"k","class":"c","tag":"t","created":"2026-01-02T03:04:05Z"}}
{"seq":1,"state":"made","id":"i"}
{"seq":2,"state":"intended","intent":{"run":"r","kind":"k","class":"c","tag":"u","created":"2026-01-02T03:04:05Z"}}
{"seq":1,"state":"released"}
`)
	states := map[int]string{0: "", 1: "intended", 2: "made", 3: "made intended", 4: "released intended"}
	for n := range len(text) + 1 {
		records, whole, err := parse("o", text[:n])
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		var got []string
		for _, r := range records {
			got = append(got, string(r.State))
		}
		lines := bytes.Count(text[:n], []byte("\n"))
		if s := strings.Join(got, " "); s != states[lines] {
			t.Errorf("%d lines: states %q, want %q", lines, s, states[lines])
		}
		if whole != bytes.LastIndexByte(text[:n], '\n')+1 {
			t.Errorf("%d bytes: whole = %d", n, whole)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"seq":1,"state":"intended","intent":{"tag":"t"}}` + "\n" + `{"seq":1,"state":"made","id":"i"}` + "\n"))
	f.Add([]byte("\n\x00\n{}\nnull\n[]"))
	f.Add([]byte(`{"seq":1,"state":"kept","expires":"2026-01-02T03:04:05Z"}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		records, whole, _ := parse("o", text)
		if whole > len(text) || whole > 0 && text[whole-1] != '\n' || bytes.IndexByte(text[whole:], '\n') >= 0 {
			t.Errorf("whole = %d of %d", whole, len(text))
		}
		seen := map[int]bool{}
		for _, r := range records {
			if r.Seq < 1 || seen[r.Seq] || r.Owner != "o" {
				t.Errorf("record %+v", r)
			}
			seen[r.Seq] = true
		}
	})
}
