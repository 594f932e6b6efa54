package term

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/report"
	"github.com/proofmark-build/proofmark/internal/verify/report/reporttest"
)

// In golden files escape characters stand as ␛.
func TestChecksGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		r report.Report
		o ChecksOptions
	}{
		"documentation":         {reporttest.One(), ChecksOptions{}},
		"documentation-color":   {reporttest.One(), ChecksOptions{Color: true}},
		"documentation-several": {reporttest.Several(), ChecksOptions{Several: true}},
		"progress":              {reporttest.One(), ChecksOptions{Progress: true}},
		"progress-several":      {reporttest.Several(), ChecksOptions{Progress: true, Several: true, Color: true}},
		"nothing":               {report.Report{Targets: []report.Target{{Name: "local"}}}, ChecksOptions{}},
		"broken":                {report.Report{Targets: []report.Target{{Name: "image:web", Err: errors.New("no such image\nbut others")}}}, ChecksOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			shown := NewChecks(&out, c.o)
			for _, target := range c.r.Targets {
				if err := shown.Target(target); err != nil {
					t.Fatal(err)
				}
			}
			if err := shown.End(c.r); err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(out.String(), "\x1b", "␛")
			path := filepath.Join("testdata", "checks", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
			plain := out.String()
			if c.o.Color {
				for _, p := range []string{"0;31", "0;32", "0;33", "0;35", "0;36", "1;31", "1;36", "0"} {
					plain = strings.ReplaceAll(plain, "\x1b["+p+"m", "")
				}
			}
			if strings.ContainsFunc(plain, func(r rune) bool { return r != '\n' && control(r) }) {
				t.Errorf("control characters: %q", plain)
			}
		})
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestChecksTellOfFailedWrites(t *testing.T) {
	t.Parallel()
	shown := NewChecks(fullDisk{}, ChecksOptions{})
	r := reporttest.One()
	if err := shown.Target(r.Targets[0]); err == nil {
		t.Error("no error of a target")
	}
	if err := shown.End(r); err == nil {
		t.Error("no error of the end")
	}
}
