package term

import (
	"strings"
	"testing"
	"time"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, plain, color string }{
		{"text\tä\n", "text\tä", "text\tä"},
		{"10%\r100%", "100%", "100%"},
		{"line\r\n", "line", "line"},
		{"\x1b[31mred\x1b[0m", "red", "\x1b[31mred\x1b[0m"},
		{"a\x1b[2Jb\x1b[10;5Hc", "abc", "abc"},
		{"a\x1b]0;title\x07b", "ab", "ab"},
		{"a\x1b]8;;http://x\x1b\\b", "ab", "ab"},
		{"a\x1b]0;no end", "a", "a"},
		{"a\x1bcb\x07\x00", "ab", "ab"},
		{"a\x1b[31", "a", "a"},
		{"a\x1b", "a", "a"},
		{"\u009b31mx", "31mx", "31mx"},
	} {
		if got := clean(tt.in, false); got != tt.plain {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.plain)
		}
		if got := clean(tt.in, true); got != tt.color {
			t.Errorf("clean(%q) in color = %q, want %q", tt.in, got, tt.color)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[31mb\x1b]0;x\x07\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, false)
		if i := strings.IndexFunc(strings.ReplaceAll(got, "\n", ""), control); i >= 0 {
			t.Errorf("%q stays in %q", got[i], got)
		}
	})
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                        "0 seconds",
		300:                                      "0 seconds",
		108109 * time.Microsecond:                "108 milliseconds 109 microseconds",
		time.Second:                              "1 second",
		62*time.Second + 5*time.Millisecond:      "1 minute 2 seconds",
		time.Hour + 3*time.Second:                "1 hour 3 seconds",
		8*24*time.Hour + time.Hour + time.Minute: "1 week 1 day",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d: %q, want %q", d, got, want)
		}
	}
}

func TestUseColor(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for _, tt := range []struct {
		flag     *bool
		terminal bool
		env      string
		want     bool
	}{
		{nil, true, "", true},
		{nil, false, "", false},
		{nil, true, "NO_COLOR", false},
		{nil, true, "PACKER_NO_COLOR", false},
		{&no, true, "", false},
		{&yes, false, "NO_COLOR", true},
	} {
		env := func(name string) string {
			if name == tt.env {
				return "1"
			}
			return ""
		}
		if got := UseColor(tt.flag, tt.terminal, env); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
