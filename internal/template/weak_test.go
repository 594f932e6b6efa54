package template

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type weakConfig struct {
	S string            `opt:"s"`
	B bool              `opt:"b"`
	M map[string]string `opt:"m"`
	L []Late            `opt:"late"`
}

// TestWeakTypes: what legacy JSON takes for something else, as Packer does.
func TestWeakTypes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, members string
		want          weakConfig
		late          string
		warning       string
	}{
		{"bools are 1 and 0", `"s": true, "m": {"a": true, "b": false}`, weakConfig{S: "1", M: map[string]string{"a": "1", "b": "0"}}, "", ""},
		{"bools of late texts", `"late": [true, "x", 5]`, weakConfig{}, "1 x 5", ""},
		{"one is true", `"b": 1`, weakConfig{B: true}, "", "a number is taken for true"},
		{"zero is false", `"b": 0`, weakConfig{}, "", "a number is taken for true"},
		{"objects become one", `"m": [{"a": "1"}, {"b": "2", "a": "3"}]`, weakConfig{M: map[string]string{"a": "3", "b": "2"}}, "", ""},
		{"an empty list is an empty map", `"m": []`, weakConfig{M: map[string]string{}}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := legacyBlock(t, tt.members)
			got, err := open[weakConfig](b, nil)
			if err != nil {
				t.Fatal(err)
			}
			var late []string
			for _, l := range got.L {
				late = append(late, l.Text())
			}
			if s := strings.Join(late, " "); s != tt.late {
				t.Errorf("late texts %q, want %q", s, tt.late)
			}
			got.L = nil
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
			var warned strings.Builder
			for _, w := range NewSet(Define(b.Type, "", self[weakConfig])).Check(b) {
				warned.WriteString(w.Summary)
			}
			if !strings.Contains(warned.String(), tt.warning) || tt.warning == "" && warned.Len() > 0 {
				t.Errorf("warned %q, want %q", warned.String(), tt.warning)
			}
		})
	}
	for members, want := range map[string]string{
		`"b": "yes"`:                       `a bool is needed`,
		`"m": ["a"]`:                       `a map of strings is needed, not a list`,
		"\"late\": [\"{{ nofunc `x` }}\"]": `unknown function "nofunc"`,
	} {
		if _, err := open[weakConfig](legacyBlock(t, members), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", members, err, want)
		}
	}
	for options, want := range map[string]string{
		`s = true`: "true",
		`s = 5`:    "5",
	} {
		if got, err := open[weakConfig](hclBlock(t, options), nil); err != nil || got.S != want {
			t.Errorf("%s: %q, %v; want %q", options, got.S, err, want)
		}
	}
	if _, err := open[weakConfig](hclBlock(t, `b = 1`), nil); err == nil {
		t.Error("HCL2 takes a number for a bool")
	}
}
