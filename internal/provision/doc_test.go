package provision

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDoc follows the guide to the letter, in an overlay of the source: its
// provisioner, its test, and its line in the list.
func TestDoc(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/adding-a-provisioner.md")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(code) != 2 {
		t.Fatalf("the guide has %d pieces of code, not a provisioner and its test", len(code))
	}
	const line, list = "\t\tprovision.Motd(),\n", "template.NewSet(\n\t\tprovision.File(),\n"
	if !strings.Contains(string(page), strings.TrimSpace(line)) {
		t.Errorf("the guide does not name the line %q", line)
	}
	kinds, err := os.ReadFile("../../cmd/proofmark/kinds.go")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(kinds), list) != 1 {
		t.Fatalf("there is no one place for the line, after %q", list)
	}
	replace := map[string]string{}
	overlay := func(path, text string) {
		file := filepath.Join(t.TempDir(), "file")
		abs, err := filepath.Abs(path)
		if err == nil {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		replace[abs] = file
	}
	overlay("motd.go", code[0][1])
	overlay("motd_test.go", code[1][1])
	overlay("../../cmd/proofmark/kinds.go", strings.Replace(string(kinds), list, list+line, 1))
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"test", "-overlay", file, "-run", "^TestMotd", "."},
		{"vet", "-overlay", file, ".", "../../cmd/proofmark"},
	} {
		out, err := exec.Command("go", args...).CombinedOutput()
		if err != nil || args[0] == "test" && strings.Contains(string(out), "no tests to run") {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
