package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/catalog"
)

// examples are the templates below examples/, and what validate must say of them.
var examples = []struct{ path, says string }{
	{"examples/amazon-instance-puppet/config.json", `config.json:5:105: option "account_id" is empty, but required`},
	{"examples/disk", "The configuration is valid."},
	{"examples/goss", "The configuration is valid."},
	{"examples/web", "The configuration is valid."},
	{"examples/web-json/web.json", "The configuration is valid."},
}

// TestExamplesAreValid finds every example in the list, and nothing wrong with it
// but what it is known for.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob("../../examples/*")
	if err != nil || len(dirs) != len(examples) {
		t.Errorf("the list has %d examples, the directory %q, %v", len(examples), dirs, err)
	}
	for _, e := range examples {
		u := user{t, t.TempDir()}
		exit := 0
		if !strings.HasSuffix(e.says, "is valid.") {
			exit = 1
		}
		if out := u.run(exit, "proofmark", "validate", e.path); !strings.Contains(out, e.says) {
			t.Errorf("%s: want %q\n%s", e.path, e.says, out)
		}
	}
}

// TestExamples does what a new user does: the demo, the commands it tells to try
// next, the demo again, and then the other examples.
func TestExamples(t *testing.T) {
	needMachines(t)
	t.Parallel()
	for _, p := range []string{"make", "mmdebstrap"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("runs make demo: needs %s (make need-test)", p)
		}
	}
	u := user{t, filepath.Join(t.TempDir(), "home")}
	first := u.run(0, "make", "demo")
	for _, want := range []string{"debian-base:1  built, proven", "web:1  built, proven", "from     debian-base:1", "steps ", "checks ", "image ", "report "} {
		if !strings.Contains(first, want) {
			t.Errorf("the first demo does not say %q", want)
		}
	}
	next := regexp.MustCompile(`(?m)^Try next:\n((?:  .+\n)+)`).FindStringSubmatch(first)
	if next == nil || strings.Count(next[1], "\n") != 3 {
		t.Fatalf("the demo does not end with three commands:\n%s", first)
	}
	for line := range strings.Lines(next[1]) {
		u.run(0, "sh", "-c", strings.TrimSpace(line))
	}
	again := u.run(0, "make", "demo")
	if strings.Count(again, "nothing changed") != 2 || strings.Contains(again, "Provisioning") {
		t.Errorf("the second demo:\n%s", again)
	}
	web := u.version("web")

	// The JSON form shares the layers of the other and comes to the same.
	if out := u.run(0, "proofmark", "build", "examples/web-json/web.json"); strings.Contains(out, "Provisioning") || strings.Contains(out, "web:2") {
		t.Errorf("the same template in JSON is built anew:\n%s", out)
	}
	fromJSON := u.version("web")
	if d := cmp.Diff(checksOf(web), checksOf(fromJSON)); d != "" {
		t.Errorf("other checks in JSON: %s", d)
	}
	if d := catalog.Diff(web, fromJSON); len(d.Packages)+len(d.Etc)+len(d.Services)+len(d.Ports)+len(d.Users) > 0 {
		t.Errorf("another image from JSON: %+v", d)
	}
	if d := cmp.Diff(web.Labels, fromJSON.Labels); d != "" {
		t.Error(d)
	}

	// A template without checks is UNPROVEN until some are attached.
	if out := u.run(0, "proofmark", "build", "examples/goss"); !strings.Contains(out, "UNPROVEN") {
		t.Errorf("an image without checks of its own:\n%s", out)
	}
	if out := u.run(0, "proofmark", "build", "--verify", "examples/goss/checks.yaml", "examples/goss"); !strings.Contains(out, "plain:1  proven again, proven") {
		t.Errorf("with checks attached:\n%s", out)
	}
	if out := u.run(0, "proofmark", "gc"); !strings.Contains(out, "nothing to remove") {
		t.Error(out)
	}
	left, err := strays("", u.home, func(args ...string) ([]byte, error) {
		return []byte(u.run(0, "proofmark", args...)), nil
	})
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// checksOf names every check once for each gate.
func checksOf(v catalog.Version) (list []string) {
	for _, c := range v.Checks {
		list = append(list, c.Verdict+" "+c.Subject+" "+c.Description)
	}
	slices.Sort(list)
	return list
}

// user works in the repository, with a home.
type user struct {
	t    testing.TB
	home string
}

// run runs a command and returns what it said.
func (u user) run(exit int, name string, args ...string) string {
	u.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "PROOFMARK_HOME="+u.home)
	out, err := cmd.CombinedOutput()
	if x := (*exec.ExitError)(nil); err != nil && !errors.As(err, &x) {
		u.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != exit {
		u.t.Fatalf("%s: exit status %d, want %d\n%s", cmd, got, exit, out)
	}
	return string(out)
}

func (u user) version(name string) (v catalog.Version) {
	u.t.Helper()
	if err := json.Unmarshal([]byte(u.run(0, "proofmark", "images", "show", "--json", name)), &v); err != nil {
		u.t.Fatal(err)
	}
	return v
}
