package template

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type placedConfig struct {
	Name  string `opt:"title"`
	Size  int    `opt:"size"`
	Disks []struct {
		Size int    `opt:"size"`
		Name string `opt:"title"`
	} `opt:"disk"`
}

// TestPlaces: errors and warnings of open stand where the option does that they name.
func TestPlaces(t *testing.T) {
	t.Parallel()
	bad := errors.New("it is bad")
	tests := []struct {
		name  string
		err   error
		hcl   string
		json  string
		warns bool
	}{
		{"option", At("title", bad), "t:2:11: title: it is bad", "t:1:52: title: it is bad", false},
		{"block", bad, "t:1:1: it is bad", "t:1:15: it is bad", false},
		{"first block", At("disk[0].size", bad), "t:4:12: disk[0].size: it is bad", "t:1:75: disk[0].size: it is bad", false},
		{"second block", At("disk[1].size", bad), "t:7:12: disk[1].size: it is bad", "t:1:88: disk[1].size: it is bad", false},
		{"block without the option", At("disk[1].title", bad), "t:6:3: disk[1].title: it is bad", "t:1:79: disk[1].title: it is bad", false},
		{"no such block", At("disk[2].size", bad), "t:7:12: disk[2].size: it is bad", "t:1:65: disk[2].size: it is bad", false},
		{"warning around", Warning(At("title", bad)), "t:2:11: title: it is bad", "t:1:52: title: it is bad", true},
		{"warning inside", At("title", Warning(bad)), "t:2:11: title: it is bad", "t:1:52: title: it is bad", true},
		{"warning of a block", Warning(bad), "t:1:1: it is bad", "t:1:15: it is bad", true},
		{"warning that rests on what is known", Warning(IfKnown(bad, "title")), "t:1:1: it is bad", "t:1:15: it is bad", true},
		{"nothing", errors.Join(Warning(nil), At("title", nil)), "", "", false},
	}
	const hcl = `source "test" "x" {
  title = "n"
  disk {
    size = 1
  }
  disk {
    size = 2
  }
}
build {
  sources = ["source.test.x"]
}
`
	const json = `{"builders": [{"type": "test", "size": 0, "title": "n", "disk": [{"size": 1}, {"size": 2}]}]}`
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set := NewSet(Define("test", "", func(placedConfig) (int, error) { return 7, tt.err }))
			for name, text := range map[string]string{"t.pkr.hcl": hcl, "t.json": json} {
				file := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				tmpl, err := Load(file, Options{})
				if err != nil {
					t.Fatal(err)
				}
				diags := set.Check(tmpl.Builds[0].Source)
				want := tt.hcl
				if name == "t.json" {
					want = tt.json
				}
				var got []string
				for _, d := range diags {
					if d.Warning != tt.warns {
						t.Errorf("%s: warning is %v", d.Summary, d.Warning)
					}
					got = append(got, strings.ReplaceAll(d.Pos.String(), file, "t")+": "+d.Summary)
				}
				if s := strings.Join(got, "\n"); s != want {
					t.Errorf("%s: got %q, want %q", name, s, want)
				}
				v, err := set.Open(tmpl.Builds[0].Source, nil)
				if used := want == "" || tt.warns; used != (v == 7) || used != (err == nil) {
					t.Errorf("%s: opened %d, %v", name, v, err)
				}
			}
		})
	}
}
