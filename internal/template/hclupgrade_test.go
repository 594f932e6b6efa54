package template

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestHCL2Upgrade compares the HCL2 text of in.json with out.pkr.hcl, and what both
// load to: the same builds with the same configuration. The comment of an archive
// holds -var and env lines.
func TestHCL2Upgrade(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/upgrade/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		src := a.Files[0].Data
		out, warnings, err := HCL2Upgrade("in.json", src, UpgradeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := &txtar.Archive{Comment: a.Comment, Files: []txtar.File{
			a.Files[0], {Name: "out.pkr.hcl", Data: out}, {Name: "warnings", Data: []byte(warnings.Error() + "\n")},
		}}
		if *update {
			if err := os.WriteFile(path, txtar.Format(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(txtar.Format(a)), string(txtar.Format(got))); diff != "" && !*update {
			t.Errorf("%s: -want +got\n%s", path, diff)
		}
		dir := t.TempDir()
		for name, b := range map[string][]byte{"in.json": src, "out.pkr.hcl": out} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		was, is := configuration(t, filepath.Join(dir, "in.json"), string(a.Comment)), configuration(t, filepath.Join(dir, "out.pkr.hcl"), string(a.Comment))
		if diff := cmp.Diff(was, is); diff != "" {
			t.Errorf("%s: -JSON +HCL2\n%s", path, diff)
		}
	}
}

// configuration is what goes into the keys of all builds of a template.
func configuration(t *testing.T, path, args string) map[string]string {
	o := Options{Environ: []string{}, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	for line := range strings.Lines(args) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "-var":
			k, v, _ := strings.Cut(rest, "=")
			o.Inputs = append(o.Inputs, Input{Name: k, Value: v})
		case "env":
			o.Environ = append(o.Environ, rest)
		}
	}
	tm, err := Load(path, o)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, b := range tm.Builds {
		name := strings.ReplaceAll(b.Name[strings.Index(b.Name, ".")+1:], ".", "_")
		if strings.HasSuffix(path, ".json") {
			name = strings.ReplaceAll(b.Name, ".", "_")
		}
		var s strings.Builder
		s.WriteString(b.Description + "\n")
		for _, k := range sortedKeys(b.Labels) {
			s.WriteString("label " + k + "=" + b.Labels[k] + "\n")
		}
		s.WriteString(b.Source.Type + "\n" + hashOf(b.Source))
		for _, p := range append(b.Provisioners, *b.cleanup()) {
			s.WriteString("provisioner " + p.Type + p.PauseBefore + "\n" + hashOf(p.Block))
		}
		for _, v := range b.Verifiers {
			s.WriteString("verify " + v.Type + "\n" + hashOf(v))
		}
		for _, seq := range b.PostProcessors {
			for _, p := range seq {
				s.WriteString("post-processor " + p.Type + "\n" + hashOf(p))
			}
		}
		out[name] = s.String()
	}
	return out
}

func (b *Build) cleanup() *Step {
	if b.ErrorCleanup == nil {
		return &Step{Block: &Block{}}
	}
	return b.ErrorCleanup
}

// What loads must load again as HCL2, but for what names cannot say there.
func FuzzHCL2Upgrade(f *testing.F) {
	archives, err := filepath.Glob("testdata/upgrade/*.txtar")
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
		out, _, err := HCL2Upgrade("f.json", src, UpgradeOptions{})
		if err != nil {
			return
		}
		if _, err := Load("-", Options{Environ: []string{}, Stdin: bytes.NewReader(src)}); err != nil {
			return
		}
		if _, err := Format("f.pkr.hcl", out); err != nil {
			t.Errorf("%q became\n%s\n%v", src, out, err)
		}
	})
}
