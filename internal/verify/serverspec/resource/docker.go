package resource

import (
	"strconv"
	"strings"
)

var containers = []string{"docker_container", "docker_image"}

var dockerRows = []row{
	{of: containers, method: "exist?", ask: func(a *asking) Value { return Bool(a.inspected().exit == 0) }},
	{of: containers, method: "[]", params: "key", ask: func(a *asking) Value { return a.at(a.inspection(), a.arg("key")) }},
	{of: containers, method: "inspection", ask: func(a *asking) Value { return a.inspection() }},
	{of: one("docker_container"), method: "running?", ask: func(a *asking) Value {
		state := a.inspection()
		return Bool(truthy(a.at(state, "State.Running")) && !truthy(a.at(state, "State.Restarting")))
	}},
	{of: one("docker_container"), method: "has_volume?", params: "path host_path", ask: hasVolume},
}

func (a *asking) inspected() output { return a.run("docker inspect " + a.plain()) }

// inspection is the first thing that docker prints of the name.
func (a *asking) inspection() Value {
	out := a.inspected()
	if a.dry || a.settled() {
		return nil
	}
	list, ok := a.json(out.stdout).(List)
	if !ok || len(list) == 0 {
		return nil
	}
	return list[0]
}

// at follows a path such as "Mounts.[0].Source".
func (a *asking) at(v Value, path string) Value {
	if a.dry || a.settled() {
		return nil
	}
	for key := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case Hash:
			v = in.under(key)
		case List:
			n, err := strconv.Atoi(strings.Trim(key, "[]"))
			if n < 0 {
				n += len(in)
			}
			v = nil
			if err == nil && n >= 0 && n < len(in) {
				v = in[n]
			}
		default:
			return a.raise("NoMethodError", "undefined method `[]' for %s", className(v))
		}
	}
	return v
}

func className(v Value) string {
	if v == nil {
		return "nil:NilClass"
	}
	return Text(v)
}

// under returns the value under a text; nil when there is none.
func (h Hash) under(key string) Value {
	for _, p := range h {
		if p.Key == String(key) {
			return p.Value
		}
	}
	return nil
}

// truthy tells what a condition makes of a value: of nil and false nothing.
func truthy(v Value) bool { return v != nil && v != Value(Bool(false)) }

// hasVolume looks among the mounts, or where versions before 1.8 have volumes.
func hasVolume(a *asking) Value {
	all := a.inspection()
	mounts := a.at(all, "Mounts")
	if !truthy(mounts) {
		volumes, ok := a.at(all, "Volumes").(Hash)
		if !ok && !a.dry && !a.settled() {
			return a.raise("NoMethodError", "undefined method `[]' for nil:NilClass")
		}
		return Bool(equal(volumes.under(a.arg("path")), a.args["host_path"]))
	}
	list, _ := mounts.(List)
	for _, m := range list {
		if h, ok := m.(Hash); ok && equal(h.under("Destination"), a.args["path"]) && equal(h.under("Source"), a.args["host_path"]) {
			return h
		}
	}
	return nil
}
