package template

import (
	"strings"
	"testing"
)

func TestSatisfies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		have, want string
		ok, bad    bool
	}{
		{"1.12.0", ">= 1.7.0", true, false},
		{"1.12.0", ">= 1.7.0, < 2.0.0", true, false},
		{"1.12.0", "> 1.12", false, false},
		{"1.12.0", "~> 1.7", true, false},
		{"1.12.0", "~> 1.7.0", false, false},
		{"1.12.3", "~> 1.12.1", true, false},
		{"2.0.0", "~> 1", true, false}, // as Packer: one number leaves nothing to hold
		{"1.12.0", "1.12", true, false},
		{"1.12.0", "!= 1.12.0", false, false},
		{"1.12.0", "<= 1.11.9", false, false},
		{"1.12.0", "> 1.12.0-dev", true, false},
		{"1.12.0", "v1.12.0", true, false},
		{"1.12.0", ">> 1", false, true},
		{"1.12.0", "latest", false, true},
		{"1.12.0", "1.2.3.4", false, true},
		{"1.12.0", "", false, true},
	} {
		ok, err := satisfies(c.have, c.want)
		if ok != c.ok || (err != nil) != c.bad {
			t.Errorf("satisfies(%q, %q) = %t, %v", c.have, c.want, ok, err)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"shell", "shell-local", "file", "puppet-server"}
	for name, want := range map[string]string{
		"shel": "shell", "Shell": "shell", "shell_local": "shell-local", "flie": "file", "ansible": "", "x": "", "puppet-sever": "puppet-server",
	} {
		if got := nearest(name, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestTextPositions(t *testing.T) {
	t.Parallel()
	x := newText("f", []byte("\ufeffab\r\n\tä漢x\n\nlast"))
	for off, want := range map[int]string{
		0: "f:1:1", 3: "f:1:1", 4: "f:1:2", 7: "f:2:1", 8: "f:2:2", 10: "f:2:3", 13: "f:2:4", 15: "f:3:1", 16: "f:4:1", 99: "f:4:5", -1: "f:1:1",
	} {
		if got := x.pos(off).String(); got != want {
			t.Errorf("pos(%d) = %s, want %s", off, got, want)
		}
	}
	for n, want := range map[int]string{0: "", 1: "ab", 2: "\tä漢x", 3: "", 4: "last", 5: ""} {
		if got := x.line(n); got != want {
			t.Errorf("line(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line  string
		col   int
		shown string
		caret int
	}{
		{"\tab", 2, "    ab", 4},
		{"a\tb", 3, "a   b", 4},
		{"漢字x", 3, "漢字x", 4},
		{"e\u0301x", 3, "e\u0301x", 1},
		{"a\x1b[31mb", 7, "a\ufffd[31mb", 6},
		{"ab", 3, "ab", 2},
		{"ab", 9, "ab", -1},
		{"a\u202eb", 3, "a\ufffdb", 2},
	} {
		shown, caret := excerpt(c.line, c.col)
		if shown != c.shown || caret != c.caret {
			t.Errorf("excerpt(%q, %d) = %q, %d; want %q, %d", c.line, c.col, shown, caret, c.shown, c.caret)
		}
	}
	long := strings.Repeat("x", 300) + "Y" + strings.Repeat("z", 300)
	shown, caret := excerpt(long, 301)
	if r := []rune(shown); len(r) > maxShown+2 || caret < 0 || r[caret] != 'Y' {
		t.Errorf("long line: %q, caret %d", shown, caret)
	}
}

func TestLateText(t *testing.T) {
	t.Parallel()
	l, err := LateText("chmod +x {{.Path}}; {{ .Vars }} {{upper `x`}}")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Render(struct{ Path, Vars string }{"/p", "A='1' "}); err != nil || got != "chmod +x /p; A='1'  X" {
		t.Errorf("struct: %q, %v", got, err)
	}
	if got, err := l.Render(map[string]string{"Path": "/p", "Vars": ""}); err != nil || got != "chmod +x /p;  X" {
		t.Errorf("map: %q, %v", got, err)
	}
	if _, err := l.Render(map[string]string{"Paht": "/p", "Vars": ""}); err == nil || !strings.Contains(err.Error(), `did you mean "Paht"?`) {
		t.Errorf("missing key: %v", err)
	}
	if _, err := LateText("{{.Path"); err == nil {
		t.Error("text that does not parse: no error")
	}
	if got, err := (Late{}).Render(nil); got != "" || err != nil {
		t.Errorf("zero: %q, %v", got, err)
	}
}

func TestRefName(t *testing.T) {
	t.Parallel()
	for _, ref := range []string{"null.x", "source.null.x", "sources.null.x", "source.null.x.y"} {
		if typ, name, err := refName(ref); typ != "null" || name != "x" || err != nil {
			t.Errorf("%s: %q, %q, %v", ref, typ, name, err)
		}
	}
	for _, ref := range []string{"", "null", "null.", ".x", "source..x"} {
		if _, _, err := refName(ref); err == nil {
			t.Errorf("%q is taken for a reference", ref)
		}
	}
}
