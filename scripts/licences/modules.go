package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// module as the go command describes it.
type module struct {
	Path, Version, Dir string
	Main, Indirect     bool
}

// modules returns those of which packages are needed for the given ones, without
// our own, sorted by path.
func modules(args ...string) ([]module, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=Module"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	return decode(strings.NewReader(string(out)))
}

func decode(r io.Reader) (mods []module, err error) {
	seen := map[string]bool{}
	for d := json.NewDecoder(r); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if m := p.Module; m != nil && !m.Main && !seen[m.Path] {
			seen[m.Path] = true
			mods = append(mods, *m)
		}
	}
	slices.SortFunc(mods, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return mods, nil
}
