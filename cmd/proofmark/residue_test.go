package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// What every piece of residue holds, to be looked for in images, and a sensitive
// value, to be looked for everywhere.
const (
	canary    = "canary-4a1f"
	machineID = "c0ffee00c0ffee00c0ffee00c0ffee00"
	secret    = "s3cret-77b0-of-the-test"
)

// concrete makes a path that a pattern of a seal rule matches.
func concrete(pattern string) string {
	pattern = strings.Replace(pattern, "/**", "/deep/"+canary, 1)
	pattern = strings.NewReplacer("[0-9]", "1", "?", "x").Replace(pattern)
	dir, file := filepath.Split(pattern)
	return strings.ReplaceAll(dir, "*", "d") + strings.ReplaceAll(file, "*", "x")
}

// inMachine are paths that a machine has of its own while it runs, so that nothing
// that a step writes there is ever part of its files.
var inMachine = regexp.MustCompile(`^/run/`)

// planting is a script that leaves residue for every seal rule, with the canary in
// it, and returns how many pieces there are.
func planting() (script string, pieces int) {
	var b strings.Builder
	for _, r := range machine.SealRules(nil) {
		for _, pattern := range r.Paths {
			path := concrete(pattern)
			if inMachine.MatchString(path) {
				continue
			}
			line := canary
			switch {
			case r.Marker != "":
				line = "# " + canary + " " + r.Marker
			case filepath.Base(path) == "machine-id": // nothing else starts
				line = machineID
			}
			pieces++
			fmt.Fprintf(&b, "mkdir -p '%s' && printf '%%s\\n' '%s' >> '%s'\n", filepath.Dir(path), line, path)
		}
	}
	return b.String(), pieces
}

// TestNothingOfTheBuildIsInTheImage plants each kind of residue, and uses a secret;
// neither may be in the captured bytes, and the secret nowhere in the home.
func TestNothingOfTheBuildIsInTheImage(t *testing.T) {
	needMachines(t)
	t.Parallel()
	script, pieces := planting()
	if pieces < len(machine.SealRuleNames()) {
		t.Fatalf("only %d pieces of residue for the rules %q", pieces, machine.SealRuleNames())
	}
	var keep []string
	for _, name := range machine.SealRuleNames() {
		keep = append(keep, fmt.Sprintf("%q", name))
	}
	for name, tt := range map[string]struct {
		keep  string
		found bool
	}{
		"sealed": {"", false},
		// The same with all rules left out: the test sees what it looks for.
		"kept": {strings.Join(keep, ", "), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, fmt.Sprintf(`
variable "token" {
  sensitive = true
}
source "rootfs" "web" {
  archive = "$BASE"
  keep    = [%s]
}
build {
  sources = ["source.rootfs.web"]
  provisioner "shell" {
    script           = "${path.root}/plant.sh"
    environment_vars = ["TOKEN=${var.token}"]
  }
  provisioner "shell" {
    inline           = ["echo the token is $TOKEN; echo $TOKEN > /tmp/token; echo $TOKEN >> /root/.bash_history; export COPY=$TOKEN; env"]
    environment_vars = ["TOKEN=${var.token}"]
  }
  provisioner "shell-local" {
    inline           = ["echo the token is $TOKEN >&2"]
    environment_vars = ["TOKEN=${var.token}"]
  }
  verify "inline" {
    command "token" {
      exec        = "echo ${var.token}"
      exit_status = 0
      stdout      = [var.token]
    }
  }
}
`, tt.keep))
			b.write("plant.sh", "set -e\n"+script)
			c := b.command(b.home, []string{"TMPDIR=" + b.tmp}, "build", "-var", "token="+secret, b.template)
			b.succeed(c)
			images, err := filepath.Glob(filepath.Join(b.home, "images", "*", "*", "*.tar.zst"))
			if err != nil || len(images) != 1 {
				t.Fatalf("images = %q, %v", images, err)
			}
			text := decompress(t, images[0])
			if found := bytes.Contains(text, []byte(canary)); found != tt.found {
				t.Errorf("residue in the image: %v, want %v%s", found, tt.found, around(text, canary))
			}
			for _, what := range []string{machineID, secret} {
				if found := bytes.Contains(text, []byte(what)); found != tt.found {
					t.Errorf("%s in the image: %v, want %v%s", what, found, tt.found, around(text, what))
				}
			}
			if tt.found && bytes.Count(text, []byte(canary)) < pieces/2 {
				t.Errorf("%d of %d pieces of residue are there", bytes.Count(text, []byte(canary)), pieces)
			}
			if !strings.Contains(c.said(), "the token is <sensitive>") {
				t.Errorf("the secret is not masked:\n%s", c.said())
			}
			if strings.Contains(c.said(), secret) {
				t.Errorf("the secret is on the screen:\n%s", c.said())
			}
			for _, path := range holding(t, b.home, secret) {
				t.Errorf("the secret is in %s", path)
			}
			b.clean("after the build")
		})
	}
}

// holding lists the files of a home that hold a text: all but layers, which are
// what a step left, whatever that is.
func holding(t *testing.T, dir, text string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"layers", "images"}, d.Name()) && filepath.Dir(path) == dir {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if bytes.Contains(content, []byte(text)) {
				found = append(found, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func decompress(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// around shows where a text stands.
func around(text []byte, what string) string {
	i := bytes.Index(text, []byte(what))
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("\n%q", text[max(0, i-600):min(len(text), i+100)])
}
