package probe

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
)

// properties of a unit, as systemctl show prints them.
type properties map[string]string

const serviceProperties = "Id,LoadState,ActiveState,SubState,UnitFileState,SourcePath"

// showUnits asks systemd about units by name, in one call. The result has an
// entry for each unit that can have a state.
func showUnits(ctx context.Context, names []string) (map[string]properties, error) {
	var units []string
	for _, n := range names {
		if u := unitName(n); validUnit(u) && !isTemplate(u) {
			units = append(units, u)
		}
	}
	slices.Sort(units)
	units = slices.Compact(units)
	all := map[string]properties{}
	if len(units) == 0 {
		return all, nil
	}
	out, err := tool(ctx, "systemctl", append([]string{"show", "--property=" + serviceProperties, "--"}, units...)...)
	blocks := parseShow(out)
	if err != nil || len(blocks) != len(units) {
		return showOneByOne(ctx, units)
	}
	for i, u := range units {
		all[u] = blocks[i]
	}
	return all, nil
}

// showOneByOne is for the call in which one odd name spoils the answer for all.
func showOneByOne(ctx context.Context, units []string) (map[string]properties, error) {
	all := map[string]properties{}
	for _, u := range units {
		out, err := tool(ctx, "systemctl", "show", "--property="+serviceProperties, "--", u)
		if _, ended := statusOf(err); err != nil && (!ended || len(units) == 1) {
			return nil, err
		}
		if blocks := parseShow(out); len(blocks) == 1 {
			all[u] = blocks[0]
		} else {
			all[u] = properties{"LoadState": "not-found"}
		}
	}
	return all, nil
}

// showLoaded asks systemd about all units that it has loaded.
func showLoaded(ctx context.Context, wanted string) ([]properties, error) {
	out, err := tool(ctx, "systemctl", "show", "--all", "--property="+wanted, "--", "*")
	if err != nil {
		return nil, err
	}
	blocks := parseShow(out)
	if len(blocks) == 0 {
		return nil, fmt.Errorf("run systemctl show: it lists no unit")
	}
	return blocks, nil
}

// parseShow reads blocks of Name=value lines with an empty line between two.
func parseShow(out []byte) []properties {
	var blocks []properties
	var p properties
	for line := range bytes.Lines(out) {
		text := strings.TrimRight(string(line), "\n")
		key, value, ok := strings.Cut(text, "=")
		switch {
		case text == "":
			p = nil
			continue
		case !ok:
			continue
		case p == nil:
			p = properties{}
			blocks = append(blocks, p)
		}
		p[key] = value
	}
	return blocks
}
