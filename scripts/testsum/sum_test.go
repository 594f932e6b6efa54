package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Each archive holds the tests of a module, what must be counted, and what must be
// shown and what not. The real go command runs them.
func TestSum(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			want := map[string]string{"timeout": "5m"}
			for _, f := range a.Files {
				if slices.Contains([]string{"count", "shown", "not-shown", "timeout"}, f.Name) {
					want[f.Name] = string(f.Data)
					continue
				}
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
			write(t, filepath.Join(dir, "go.mod"), []byte("module x\n\ngo 1.26\n"))
			cmd := exec.Command("go", "test", "-json", "-p", "1", "-timeout", strings.TrimSpace(want["timeout"]), "./...")
			cmd.Dir = dir
			var shown strings.Builder
			passed, failed := run(cmd, &shown)
			if got := count(passed, failed); got != want["count"] {
				t.Errorf("counted %swant %s%s", got, want["count"], &shown)
			}
			for line := range strings.Lines(want["shown"]) {
				if !strings.Contains(shown.String(), strings.TrimSpace(line)) {
					t.Errorf("%q is not shown:\n%s", strings.TrimSpace(line), &shown)
				}
			}
			for line := range strings.Lines(want["not-shown"]) {
				if strings.Contains(shown.String(), strings.TrimSpace(line)) {
					t.Errorf("%q is shown:\n%s", strings.TrimSpace(line), &shown)
				}
			}
		})
	}
}

// What ends before the tests do, or does not begin, is a failure.
func TestRunFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ script, want string }{
		"status": {`echo '{"Action":"run","Package":"x","Test":"A"}'; echo '{"Action":"pass","Package":"x","Test":"A"}'; exit 3`, "1 passed, 1 failed\n"},
		"killed": {`echo '{"Action":"run","Package":"x","Test":"A"}'; kill -9 $$`, "0 passed, 1 failed\n"},
		"other":  {`echo go: no such module; exit 1`, "0 passed, 1 failed\n"},
		"good":   {`echo '{"Action":"pass","Package":"x","Test":"A"}'`, "1 passed, 0 failed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var shown strings.Builder
			if got := count(run(exec.Command("sh", "-c", tt.script), &shown)); got != tt.want {
				t.Errorf("counted %swant %s%s", got, tt.want, &shown)
			}
		})
	}
	var shown strings.Builder
	if got := count(run(exec.Command("/nonexistent"), &shown)); got != "0 passed, 1 failed\n" {
		t.Errorf("a command that is not there: %s%s", got, &shown)
	}
}

func count(passed, failed int) string { return fmt.Sprintf("%d passed, %d failed\n", passed, failed) }

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
