package template

import (
	"errors"
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
