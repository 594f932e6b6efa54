package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// show renders a value for people, shortened.
func show(v any) string {
	switch x := v.(type) {
	case nil:
		return "nothing"
	case string:
		if lines := strings.Count(strings.TrimSuffix(x, "\n"), "\n") + 1; lines > 1 && len(x) > maxWords {
			first, _, _ := strings.Cut(x, "\n")
			return fmt.Sprintf("%d lines, the first is %s", lines, strconv.Quote(cut(first, 60)))
		}
		return cut(strconv.Quote(x), maxWords)
	case []string:
		quoted := make([]string, len(x))
		for i, s := range x {
			quoted[i] = show(s)
		}
		return cut(strings.Join(quoted, ", "), maxWords)
	case []any:
		if len(x) == 0 {
			return "an empty list"
		}
		parts := make([]string, len(x))
		for i, item := range x {
			parts[i] = show(item)
		}
		return cut(strings.Join(parts, ", "), maxWords)
	case map[string]any:
		b, err := json.Marshal(x)
		if err != nil {
			return cut(fmt.Sprint(x), maxWords)
		}
		return cut(string(b), maxWords)
	}
	return fmt.Sprint(v)
}
