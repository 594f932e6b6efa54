package probe

import (
	"bytes"
	"cmp"
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
	return show(ctx, serviceProperties, slices.Compact(units))
}

// show asks systemd for properties of units with valid names, sorted.
func show(ctx context.Context, wanted string, units []string) (map[string]properties, error) {
	all := map[string]properties{}
	if len(units) == 0 {
		return all, nil
	}
	out, err := tool(ctx, "systemctl", append([]string{"show", "--property=" + wanted, "--"}, units...)...)
	blocks := parseShow(out)
	if err != nil || len(blocks) != len(units) {
		return showOneByOne(ctx, wanted, units)
	}
	for i, u := range units {
		all[u] = blocks[i]
	}
	return all, nil
}

// showOneByOne is for the call in which one odd name spoils the answer for all.
// When no unit can be asked for, systemd does not answer, and nothing is known.
func showOneByOne(ctx context.Context, wanted string, units []string) (map[string]properties, error) {
	all := map[string]properties{}
	var failed error
	for _, u := range units {
		out, err := tool(ctx, "systemctl", "show", "--property="+wanted, "--", u)
		if _, ended := statusOf(err); err != nil && !ended {
			return nil, err
		}
		if blocks := parseShow(out); len(blocks) == 1 {
			all[u] = blocks[0]
		} else {
			failed = cmp.Or(err, fmt.Errorf("run systemctl show: it says nothing of %s", u))
		}
	}
	if len(all) == 0 {
		return nil, failed
	}
	for _, u := range units {
		if all[u] == nil {
			all[u] = properties{"Id": u, "LoadState": "not-found"}
		}
	}
	return all, nil
}

// listLoaded asks systemd for the states of all units that it has loaded. It tells
// these from memory, while properties of a unit cost it a look at many files.
func listLoaded(ctx context.Context) ([]properties, error) {
	out, err := tool(ctx, "systemctl", "list-units", "--all", "--full", "--plain", "--no-legend")
	if err != nil {
		return nil, err
	}
	units := parseList(out)
	if len(units) == 0 {
		return nil, fmt.Errorf("run systemctl list-units: it lists no unit")
	}
	return units, nil
}

// parseList reads the first columns of systemctl list-units. Old versions put a
// mark before units in trouble, --plain or not.
func parseList(out []byte) []properties {
	var units []properties
	for line := range bytes.Lines(out) {
		f := strings.Fields(string(line))
		if len(f) > 0 && !strings.Contains(f[0], ".") {
			f = f[1:]
		}
		if len(f) >= 4 {
			units = append(units, properties{"Id": f[0], "LoadState": f[1], "ActiveState": f[2], "SubState": f[3]})
		}
	}
	return units
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
