package spec

import (
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// matchingKind compares what the spec itself holds, such as a variable.
func matchingKind() *kind {
	return &kind{
		name: "matching", title: "Matching",
		options: map[string]optionType{"content": optAny, "as-reader": optFlag},
		attributes: []attribute{
			{name: "matches", label: "content"},
		},
		observe: func(_ *verify.Session, r *resource) (state, bool, error) {
			var content any
			if n := r.options["content"]; n != nil {
				content = n.plain()
			}
			if r.flag("as-reader") {
				content = fmt.Sprint(content)
			}
			return state{values: map[string]any{"matches": content}}, true, nil
		},
	}
}
