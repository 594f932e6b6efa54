package template

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestValid(t *testing.T) {
	t.Parallel()
	set := NewSet(
		Define("works", "", self[shellConfig]),
		Valid[any]("rocket", "", func(c fileConfig) error {
			if c.Source == c.Destination {
				return At("destination", errors.New("is the source"))
			}
			return nil
		}),
	)
	if set.Works("rocket") || !set.Works("works") || set.Works("unknown") {
		t.Error("only the kind that was defined works")
	}
	for _, c := range set.Components() {
		if c.Works != (c.Name == "works") {
			t.Errorf("component %s: works is %v", c.Name, c.Works)
		}
	}
	tests := []struct{ name, block, want string }{
		{"valid", `{"type": "rocket", "source": "a", "destination": "b"}`, ""},
		{"tags", `{"type": "rocket", "source": "a"}`, "destination"},
		{"check", `{"type": "rocket", "source": "a", "destination": "a"}`, "is the source"},
		{"unknown", `{"type": "rocket", "source": "a", "destination": "b", "sauce": "c"}`, `"source"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := onlyProvisioner(t, tt.block)
			diags := set.Check(b)
			if got := diags.Err(); (got == nil) != (tt.want == "") || got != nil && !strings.Contains(got.Error(), tt.want) {
				t.Errorf("Check: %v, want %q", got, tt.want)
			}
			_, err := set.Open(b, nil)
			if err == nil || errors.Is(err, ErrOnlyValid) != (tt.want == "") {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

// onlyProvisioner is the one of a legacy template that has no other.
func onlyProvisioner(t *testing.T, block string) *Block {
	t.Helper()
	tmpl, err := Load("-", Options{Stdin: strings.NewReader(`{"builders": [{"type": "null"}], "provisioners": [` + block + `]}`)})
	if err != nil {
		t.Fatal(err)
	}
	return tmpl.Builds[0].Provisioners[0].Block
}

// TestLabelsOfAKind: a kind that has an option labels gets what the template says, and
// so does the build.
func TestLabelsOfAKind(t *testing.T) {
	t.Parallel()
	type config struct {
		Labels map[string]string `opt:"labels"`
	}
	set := NewSet(Define("cloud", "", func(c config) (config, error) { return c, nil }))
	for name, text := range map[string]string{
		"t.json":    `{"builders": [{"type": "cloud", "labels": {"team": "a"}}]}`,
		"t.pkr.hcl": "source \"cloud\" \"x\" {\n  labels = { team = \"a\" }\n}\nbuild {\n  sources = [\"source.cloud.x\"]\n}",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tmpl, err := Load(path, Options{Environ: []string{}})
		if err != nil {
			t.Fatal(err)
		}
		b := tmpl.Builds[0]
		c, err := set.Open(b.Source, nil)
		if err != nil || c.Labels["team"] != "a" || b.Labels["team"] != "a" {
			t.Errorf("%s: the kind has %v, the build %v: %v", name, c.Labels, b.Labels, err)
		}
	}
}
