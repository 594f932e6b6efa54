package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestFix compares what Fix writes of in.json with out.json, and what it tells
// with changes. What it wrote must need no fixing again.
func TestFix(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/fix/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		src := a.Files[0].Data
		out, changes, err := Fix("in.json", src)
		told := changes.Error()
		if err != nil {
			told = err.Error()
		}
		got := []txtar.File{a.Files[0], {Name: "out.json", Data: out}, {Name: "changes", Data: []byte(told + "\n")}}
		if *update {
			if err := os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: a.Comment, Files: got}), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want := string(txtar.Format(a))
		if diff := cmp.Diff(want, string(txtar.Format(&txtar.Archive{Comment: a.Comment, Files: got}))); diff != "" {
			t.Errorf("%s: -want +got\n%s", path, diff)
		}
		if err != nil {
			continue
		}
		again, changes, err := Fix("out.json", out)
		if err != nil || string(again) != string(out) {
			t.Errorf("%s: fixing again changes it to\n%s\n%v", path, again, err)
		}
		for _, c := range changes {
			if !strings.Contains(c.Summary, "comment") {
				t.Errorf("%s: fixing again: %s", path, c)
			}
		}
	}
}

func FuzzFix(f *testing.F) {
	archives, err := filepath.Glob("testdata/fix/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(a.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, _, err := Fix("f.json", src)
		if err != nil {
			return
		}
		again, _, err := Fix("f.json", out)
		if err != nil || string(again) != string(out) {
			t.Errorf("%q became %q, then %q: %v", src, out, again, err)
		}
	})
}
