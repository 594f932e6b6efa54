package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/proofmark-build/proofmark/internal/exectest"
)

// needPacker leaves out what compares Proofmark with Packer where there is none.
func needPacker(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs another program many times: left out by -short")
	}
	out, err := exec.Command("packer", "-version").Output()
	if err != nil || !strings.Contains(string(out), "1.6.6") {
		t.Skipf("packer 1.6.6 is missing (apt-get install --no-install-recommends packer): %q, %v", out, err)
	}
}

// duellist is one of two programs that do the same in a directory of their own.
type duellist struct {
	program, dir string
	env          []string
}

// duel makes both, with the same files.
func duel(t *testing.T, files []txtar.File) []duellist {
	t.Helper()
	var both []duellist
	for _, program := range []string{"packer", "proofmark"} {
		d := duellist{program: program, dir: t.TempDir()}
		tmp := t.TempDir()
		d.env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "PACKER_NO_COLOR=1", "TMPDIR="+tmp, "HOME="+tmp,
			"PACKER_CONFIG_DIR="+tmp, "PROOFMARK_HOME="+filepath.Join(tmp, "home"), "PACKER="+program)
		if program == "packer" {
			d.env = append(d.env, "GOGC=off") // a fifth of a run that is over in a moment
		}
		for _, f := range files {
			path := filepath.Join(d.dir, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := exectest.WriteFile(path, f.Data, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		both = append(both, d)
	}
	return both
}

// run runs a command in the directory.
func (d duellist) run(t *testing.T, stdin []byte, name string, args ...string) (status int, stdout, all string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = d.dir, d.env, bytes.NewReader(stdin)
	var out, both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &both
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), out.String() + both.String()
}

// TestAgainstPacker runs the commands that an archive's comment lists with both
// programs: "status" compares exit statuses, "made" also which artifacts are told and
// the files afterwards, "fresh" the same in a directory where no command ran before,
// "same" all that is printed, times and texts of errors left out.
func TestAgainstPacker(t *testing.T) {
	t.Parallel()
	needPacker(t)
	archives, err := filepath.Glob("testdata/packer/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var stdin []byte
			for _, f := range a.Files {
				if f.Name == "stdin" {
					stdin = f.Data
				}
			}
			both := duel(t, a.Files)
			for line := range strings.Lines(string(a.Comment)) {
				words := strings.Fields(line)
				if words[0] == "fresh" {
					words[0], both = "made", duel(t, a.Files)
				}
				compare(t, both, stdin, words[0], words[1:])
			}
		})
	}
}

func compare(t *testing.T, both []duellist, stdin []byte, how string, args []string) {
	var status [2]int
	var shown, said [2]string
	var files [2]map[string]string
	for i, d := range both {
		status[i], shown[i], said[i] = d.run(t, stdin, d.program, args...)
		shown[i], files[i] = masked(args[:min(1, len(args))], shown[i]), d.files(t)
	}
	what := strings.Join(args, " ")
	if status[0] != status[1] {
		t.Errorf("%s: Packer ends with %d, we with %d\n%s\n%s", what, status[0], status[1], said[0], said[1])
	}
	if how == "made" {
		for i := range shown {
			shown[i] = artifactLines(shown[i])
		}
	}
	if how != "status" {
		if d := cmp.Diff(shown[0], shown[1]); d != "" {
			t.Errorf("%s: -Packer +Proofmark\n%s", what, d)
		}
		if d := cmp.Diff(files[0], files[1]); d != "" {
			t.Errorf("%s: files: -Packer +Proofmark\n%s", what, d)
		}
	}
}

// artifactLines are the lines of -machine-readable about what was made.
func artifactLines(shown string) string {
	var lines []string
	for line := range strings.Lines(shown) {
		if strings.Contains(line, ",artifact") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// files are the contents of all files: of archives what is in them, of manifests all
// but times and the ids of runs.
func (d duellist) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "crash.log" {
			return err
		}
		text, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, d.dir)] = plainText(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// masks take out of Packer's and our output what cannot be the same: times, names of
// temporary files, how an error is worded, and what only one of them says.
var masks = []struct{ pattern, to string }{
	{`^\d+,`, "TIME,"},
	{`\b\d+ (weeks?|days?|hours?|minutes?|seconds?|milliseconds?|microseconds?)( \d+ (days?|hours?|minutes?|seconds?|milliseconds?|microseconds?))?`, "DURATION"},
	{`(Running local shell script: ).*`, "${1}SCRIPT"},
	{`(errored after DURATION: ).*`, "${1}ERROR"},
	{`(TIME,[^,]+,error,).*`, "${1}ERROR"},
	{`(TIME,,ui,error,--> \w+: ).*`, "${1}ERROR"},
	{`(TIME,,ui,error,).*(no such file).*`, "${1}${2}"},
	{`(Running post-processor:)  \(type ([^)]+)\)`, "${1} ${2}"}, // of HCL2, where the name is missing
	{`.*Running the cleanup provisioner.*`, ""},
	{`.*proofmark-version.*|.*ui,say,Proofmark .*`, ""},
	{`(version,|Packer v)\d+\.\d+\.\d+`, "${1}VERSION"},
	{`.*Note: If your build names.*|.*Note: names of builds.*|^functions such as 'timestamp'.*|^and therefore only show.*|^'timestamp' in them.*`, ""},
}

// masked is what a command printed, without what cannot be the same. The lines of
// builds that run side by side come in any order.
func masked(command []string, out string) string {
	if slices.Equal(command, []string{"fix"}) {
		return sameJSON(out)
	}
	var lines []string
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		for _, m := range masks {
			line = regexp.MustCompile(m.pattern).ReplaceAllString(line, m.to)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	if slices.Equal(command, []string{"build"}) {
		end := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "Wait completed") })
		slices.Sort(lines[:max(0, end)])
		lines = sortBuilds(lines)
	}
	return strings.Join(lines, "\n")
}

// sortBuilds sorts the lines about what each build made by build: Packer says it in
// any order.
func sortBuilds(lines []string) []string {
	begin := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, ",artifact-count,") })
	if begin < 0 {
		return lines
	}
	byBuild := map[string][]string{}
	name := ""
	for _, l := range lines[begin:] {
		if before, _, ok := strings.Cut(l, ",artifact-count,"); ok {
			name = before
		}
		byBuild[name] = append(byBuild[name], l)
	}
	out := slices.Clone(lines[:begin])
	var names []string
	for name := range byBuild {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		out = append(out, byBuild[name]...)
	}
	return out
}

// sameJSON writes JSON in one form.
func sameJSON(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return fmt.Sprintf("%v: %s", err, text)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// TestWrapperScripts runs scripts as they are found in CI with either program, which
// they call as $PACKER: they print the same and end with the same status.
func TestWrapperScripts(t *testing.T) {
	t.Parallel()
	needPacker(t)
	for _, p := range []string{"bash", "jq", "awk", "sha256sum"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("runs scripts: needs %s", p)
		}
	}
	a, err := txtar.ParseFile("testdata/wrappers/files.txtar")
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/wrappers/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".sh"), func(t *testing.T) {
			t.Parallel()
			script, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			var status [2]int
			var shown, said [2]string
			for i, d := range duel(t, a.Files) {
				status[i], shown[i], said[i] = d.run(t, nil, script)
			}
			if status[0] != status[1] || shown[0] != shown[1] || shown[0] == "" {
				t.Errorf("Packer: %d\n%s\nProofmark: %d\n%s", status[0], said[0], status[1], said[1])
			}
		})
	}
}
