package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// greps are the programs here whose verdicts the native search must give.
func greps(t testing.TB) map[string][]string {
	all := map[string][]string{}
	for name, args := range map[string][]string{"grep": {"grep"}, "busybox": {"busybox", "grep"}} {
		if _, err := exec.LookPath(args[0]); err == nil {
			all[name] = args
		}
	}
	if len(all) == 0 {
		t.Skip("needs grep")
	}
	return all
}

var grepTexts = []string{
	"", "\n", "a", "a\n", "one\ntwo\nthree", "a.b\n", "aXb\n", "a\xc3\xa9b\n", "\xff\xfe\n",
	"Listen 80\n#Listen 8080\n\tkey = value\n", "tab\there\r\nnext\r\n", "a+b? (c|d) {2}\n", "x^y$z\n", `back\slash "quote" 'single'` + "\n",
	"aa\naaa\n*star\n", "[bracket]\n", "a-b_c,d\n", "trailing \n",
	strings.Repeat("long ", 40000) + "end\n",
}

var grepPatterns = []string{
	"a", "a.b", `a\.b`, "a*", "*star", "^*star", "aa*$", "^one$", "^$", "^", "$", "e$", "o*", "x^y$z", "^a", `^\s*key\s*=`, `\w\w*\s`, `\W`, `\S`,
	"[0-9]", "[^a-z]", "[]]", "[^]a]", "[a-]", "[[:space:]]", "[[:digit:]][[:digit:]]*", "[^[:alnum:][:space:]]", `[\]`, `[\n]`,
	"a+b? (c|d) {2}", `Listen 8080*`, "\xc3\xa9", "a..b", "end$", "long $", `\[bracket\]`, `\*star`, `\^y\$`, "a-b", `a\-b`, `\"quote\"`, `"quote" 'single'`,
	`back\\slash`, "\r$", "b_c,d", " $", ".", "....................", "[A-Z]isten", "[.]", "[*]*b", "[$]z", "x[\\^]y", "[a^]", "&&", "[a&&b]", "[~]", "a{2}", "[[a]",
}

// TestGrepIsGrep compares the search with that of the programs.
func TestGrepIsGrep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, args := range greps(t) {
		for i, text := range grepTexts {
			file := filepath.Join(dir, name+string(rune('a'+i)))
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			for _, p := range grepPatterns {
				sameAsGrep(t, args, file, p, false)
				if i%4 == 0 {
					sameAsGrep(t, args, file, p, true)
				}
			}
		}
	}
}

func sameAsGrep(t *testing.T, program []string, file, pattern string, fixed bool) {
	t.Helper()
	q := Question{Kind: KindGrep, Name: file, Args: map[string]string{"pattern": pattern}}
	flags := "-qs"
	if fixed {
		q.Args["fixed"] = "1"
		flags += "F"
	}
	var got Grep
	var why error
	err := NewProber("/").Round(context.Background(), []Question{q}, func(fact any, err error) error {
		if why = err; err == nil {
			got = *fact.(*Grep)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if why != nil { // the program is asked instead
		if fixed {
			t.Errorf("%q: %v", pattern, why)
		}
		return
	}
	cmd := exec.Command(program[0], append(append([]string{}, program[1:]...), flags, "--", pattern, file)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stderr = nil
	if want := cmd.Run() == nil; got.Match != want {
		text, _ := os.ReadFile(file)
		t.Errorf("%v fixed %v %q in %.60q: %v, want %v", program, fixed, pattern, text, got.Match, want)
	}
}

func TestGrepOfOddFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	big := filepath.Join(dir, "big") // sparse, with the text across the edge of a block
	f, err := os.Create(big)
	if err == nil {
		_, err = f.WriteAt([]byte("needle"), 256<<20-3)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, pattern string
		want          bool
		why           string
	}{
		{"missing", "x", false, ""},
		{"", "x", false, ""}, // a directory
		{"big", "needle", true, ""},
		{"big", "no such text", false, ""},
		{"big", "^needle", false, "line too long"},
		{"big", "", false, "empty"},
		{"big", `a\|b`, false, "not every grep"},
	} {
		var got bool
		var why error
		err := NewProber("/").Round(t.Context(), []Question{{Kind: KindGrep, Name: dir + "/" + tt.name, Args: map[string]string{"pattern": tt.pattern}}},
			func(fact any, err error) error {
				if why = err; err == nil {
					got = fact.(*Grep).Match
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if got != tt.want || (why == nil) != (tt.why == "") || why != nil && !strings.Contains(why.Error(), tt.why) {
			t.Errorf("%s %q: %v, %v", tt.name, tt.pattern, got, why)
		}
	}
}

func TestPassiveCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "made")
	passive := func(line string) Question {
		return Question{Kind: KindCommand, Name: line, Args: map[string]string{"passive": "1", "env": "LANG=C\nWHO=me"}}
	}
	// Each waits for what the other does: they run at the same time, and none before
	// the command that may change something.
	qs := []Question{
		{Kind: KindCommand, Name: "mkfifo " + file + "; echo $WHO"},
		passive("echo $WHO >" + file + "; echo one"),
		passive("cat " + file),
		{Kind: KindFile, Name: file},
	}
	var outs []string
	err := NewProber("/").Round(t.Context(), qs, func(fact any, err error) error {
		if err != nil {
			return err
		}
		if c, ok := fact.(*Command); ok {
			outs = append(outs, string(c.Stdout))
			return nil
		}
		text, _ := json.Marshal(fact)
		outs = append(outs, string(text[:13]))
		return nil
	})
	if got := strings.Join(outs, "|"); err != nil || got != "\n|one\n|me\n|{\"exists\":tru" {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzPattern holds that whatever is taken can be tried on any line, and that a plain
// text matches itself.
func FuzzPattern(f *testing.F) {
	for _, p := range grepPatterns {
		f.Add(p, "a line")
	}
	f.Fuzz(func(t *testing.T, text, line string) {
		p, ok := parsePattern(text)
		if !ok {
			return
		}
		if p.re == nil {
			if found, err := contains(strings.NewReader(line+p.literal), []byte(p.literal)); !found || err != nil {
				t.Errorf("%q: not in itself: %v", p.literal, err)
			}
			return
		}
		p.re.Match(runes(bytes.ReplaceAll([]byte(line), []byte("\n"), nil)))
	})
}
