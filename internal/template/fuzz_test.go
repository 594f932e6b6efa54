package template

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// fuzzLoad loads a text under a name: whatever it holds, Load must answer, every
// place that it names must be in the text, and what loads must hash and decode.
func fuzzLoad(f *testing.F, name string) {
	archives, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range a.Files {
			if filepath.Ext(x.Name) == filepath.Ext(name) {
				f.Add(unescape(x.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		tm, err := Load(path, Options{Environ: []string{}, Known: known})
		if err != nil {
			checkDiagnostics(t, src, err)
			return
		}
		tm.Secrets()
		for _, b := range tm.Builds {
			blocks := append([]*Block{b.Source}, b.Verifiers...)
			for _, s := range b.Provisioners {
				blocks = append(blocks, s.Block)
			}
			for _, blk := range blocks {
				if a, b := hashOf(blk), hashOf(blk); a != b {
					t.Errorf("two hashes of one block:\n%s\n%s", a, b)
				}
				checkBlock(blk)
				_, _ = open[anyConfig](blk, map[string]string{"ID": "1", "Host": "h"})
				_, _ = open[allTypes](blk, map[string]string{"ID": "1"})
			}
		}
	})
}

func checkDiagnostics(t *testing.T, src []byte, err error) {
	var d Diagnostics
	if !errors.As(err, &d) {
		t.Fatalf("error is a %T: %v", err, err)
	}
	lines := strings.Count(string(src), "\n") + 1
	for _, x := range d {
		if x.Pos.Line > lines || x.Summary == "" {
			t.Errorf("bad diagnostic %+v", x)
		}
		if strings.Contains(x.Detail, "mistake in Proofmark") {
			t.Errorf("crashed: %s", x.Summary)
		}
	}
	_ = err.Error()
}

func FuzzLoadHCL(f *testing.F)     { fuzzLoad(f, "t.pkr.hcl") }
func FuzzLoadHCLJSON(f *testing.F) { fuzzLoad(f, "t.pkr.json") }
func FuzzLoadLegacy(f *testing.F)  { fuzzLoad(f, "legacy.json") }
