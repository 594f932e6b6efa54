package install

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Interval is the pause between two events of keys: the template's, that of
// PACKER_KEY_INTERVAL, or usual.
func (c VNC) Interval(getenv func(string) string, usual time.Duration) time.Duration {
	fromEnv, err := time.ParseDuration(getenv("PACKER_KEY_INTERVAL"))
	if err != nil {
		fromEnv = 0
	}
	return cmp.Or(max(c.KeyInterval, 0), max(fromEnv, 0), usual)
}

// RenderBootCommand fills the placeholders of a boot command and reads it.
func RenderBootCommand(option string, command []template.Late, values map[string]string) (text string, strokes []Stroke, err error) {
	var all strings.Builder
	for _, c := range command {
		s, err := c.Render(values)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", option, err)
		}
		all.WriteString(s)
	}
	strokes, _, err = ParseBootCommand(all.String())
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", option, err)
	}
	return all.String(), strokes, nil
}
