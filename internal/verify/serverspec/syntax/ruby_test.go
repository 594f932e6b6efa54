package syntax

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// ruby asks the Ruby of this machine what it makes of programs.
type ruby struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Reader
}

func startRuby(t testing.TB) *ruby {
	t.Helper()
	path, err := exec.LookPath("ruby")
	if err != nil {
		t.Skip("ruby is not installed")
	}
	version, err := exec.Command(path, "-e", "print RUBY_VERSION[0, 3]").Output()
	if err != nil || string(version) != "3.1" {
		t.Skipf("ruby is version %s, and trees are compared with 3.1 (%v)", version, err)
	}
	cmd := exec.CommandContext(t.Context(), path, "-W0", "testdata/normal.rb")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &ruby{t, in, bufio.NewReader(out)}
}

// parse returns the normal form of a program's tree, or what is wrong with it.
func (r *ruby) parse(text string) (form, wrong string) {
	r.t.Helper()
	if _, err := fmt.Fprintf(r.in, "%d\n%s", len(text), text); err != nil {
		r.t.Fatal(err)
	}
	var status string
	var size int
	if _, err := fmt.Fscanf(r.out, "%s %d\n", &status, &size); err != nil {
		r.t.Fatal(err)
	}
	answer := make([]byte, size)
	if _, err := io.ReadFull(r.out, answer); err != nil {
		r.t.Fatal(err)
	}
	if status == "ok" {
		return string(answer), ""
	}
	return "", string(answer)
}

// TestLikeRuby compares with the real thing: what is Ruby, and which tree it has.
func TestLikeRuby(t *testing.T) {
	t.Parallel()
	r := startRuby(t)
	for _, s := range snippets(t) {
		form, wrong := r.parse(s.text)
		f, problems := Parse("x.rb", s.text)
		switch {
		case len(problems) > 0 && strings.HasSuffix(problems[0].Text, "not supported"):
		case len(problems) > 0 && wrong == "":
			t.Errorf("%s: %s\nRuby takes it, and we say %v", s.file, s.text, problems[0])
		case len(problems) == 0 && wrong != "":
			t.Errorf("%s: %s\nRuby refuses it: %s", s.file, s.text, wrong)
		case len(problems) == 0:
			if ours := normal(f.Body); ours != form {
				t.Errorf("%s: %s\nours %s\nRuby %s", s.file, s.text, ours, form)
			}
		}
	}
}
