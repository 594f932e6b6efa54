package build_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestPausesSpoil: whoever sits at a pause may change the machine, so nothing after it
// is found under the keys of an untouched one.
func TestPausesSpoil(t *testing.T) {
	t.Parallel()
	breakpoint := func(options string) string {
		return edit(t, three, "  verify", "  provisioner \"breakpoint\" {"+options+"}\n  provisioner \"shell\" { inline = [\"echo last\"] }\n  verify")
	}
	tests := map[string]struct {
		hcl  string
		opts build.Options
		then []string // steps of the next build of the same
	}{
		"breakpoint": {hcl: breakpoint(""), then: []string{"base*", "shell*", "shell*", "breakpoint", "shell"}},
		"debug":      {hcl: three, opts: build.Options{Debug: true, Line: person("", "", "")}, then: []string{"base*", "shell", "shell"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.build(test.hcl, test.opts).must(build.Built)
			b.build(test.hcl, build.Options{}).must(build.Built).wantSteps(test.then...)
		})
	}
	b := newBench(t)
	b.build(breakpoint(" disable = true "), build.Options{}).must(build.Built)
	b.build(breakpoint(" disable = true "), build.Options{}).must(build.Unchanged)
}
