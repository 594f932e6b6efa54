package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Difference of two versions. All lists are sorted by name.
type Difference struct {
	From     Ref      `json:"from"`
	To       Ref      `json:"to"`
	Packages []Change `json:"packages"` // Name is the package, with ":arch" where it is there for several; Old and New its versions
	Etc      []Change `json:"etc"`
	Services []Change `json:"services"` // Old and New the states; "enabled" where nothing was booted
	Ports    []Change `json:"ports"`    // Old and New "listening"
	Users    []Change `json:"users"`    // Name is the user, Old and New the rest of its record
	Checks   []Change `json:"checks"`   // Name is subject and description, Old and New the verdicts at the last gate
	Labels   []Change `json:"labels"`
	SizeOld  int64    `json:"size_old"`
	SizeNew  int64    `json:"size_new"`
}

// Section is what changed of one kind.
type Section struct {
	Title   string // "packages"
	Changes []Change
}

// Sections are the kinds of which something changed, in the order in which people are
// told.
func (d Difference) Sections() (out []Section) {
	for _, s := range []Section{{"packages", d.Packages}, {"files in /etc", d.Etc}, {"services", d.Services},
		{"ports", d.Ports}, {"users", d.Users}, {"checks", d.Checks}, {"labels", d.Labels}} {
		if len(s.Changes) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// Change of one thing: Old is empty when it was added, New when it was removed.
// An empty value appears as "(empty)".
type Change struct {
	Name string `json:"name"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}

// Diff tells what changed from one version to another.
func Diff(from, to Version) Difference {
	archs := packageArchs(from.Content.Packages, to.Content.Packages)
	return Difference{
		From:     refOf(from),
		To:       refOf(to),
		Packages: changes(packages(from.Content.Packages, archs), packages(to.Content.Packages, archs)),
		Etc:      changes(from.Content.Etc, to.Content.Etc),
		Services: changes(services(from.Content.Services), services(to.Content.Services)),
		Ports:    changes(ports(from.Content.Ports), ports(to.Content.Ports)),
		Users:    changes(users(from.Content.Users), users(to.Content.Users)),
		Checks:   changes(verdicts(from.Checks), verdicts(to.Checks)),
		Labels:   changes(from.Labels, to.Labels),
		SizeOld:  from.Image.Size,
		SizeNew:  to.Image.Size,
	}
}

func refOf(v Version) Ref { return Ref{Name: v.Name, Version: v.Version, Digest: v.Image.Digest} }

func changes(from, to map[string]string) []Change {
	var list []Change
	for name, was := range from {
		if is, ok := to[name]; !ok {
			list = append(list, Change{Name: name, Old: visible(was)})
		} else if is != was {
			list = append(list, Change{Name: name, Old: visible(was), New: visible(is)})
		}
	}
	for name, is := range to {
		if _, ok := from[name]; !ok {
			list = append(list, Change{Name: name, New: visible(is)})
		}
	}
	slices.SortFunc(list, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func visible(value string) string {
	if value == "" {
		return "(empty)"
	}
	return value
}

// packageArchs tells for which architectures each package is there, in either list.
func packageArchs(lists ...[]Package) map[string][]string {
	archs := map[string][]string{}
	for _, list := range lists {
		for _, p := range list {
			if !slices.Contains(archs[p.Name], p.Arch) {
				archs[p.Name] = append(archs[p.Name], p.Arch)
			}
		}
	}
	return archs
}

// packages maps names to versions. A package can be there several times, for
// other architectures or (kernels) in several versions.
func packages(list []Package, archs map[string][]string) map[string]string {
	all := map[string][]string{}
	for _, p := range list {
		name := p.Name
		if len(archs[p.Name]) > 1 {
			name += ":" + p.Arch
		}
		all[name] = append(all[name], p.Version)
	}
	joined := map[string]string{}
	for name, versions := range all {
		slices.Sort(versions)
		joined[name] = strings.Join(versions, ", ")
	}
	return joined
}

func services(states map[string]string) map[string]string {
	all := maps.Clone(states)
	for name, state := range all {
		if state == "" {
			all[name] = "enabled"
		}
	}
	return all
}

func ports(list []string) map[string]string {
	all := map[string]string{}
	for _, p := range list {
		all[p] = "listening"
	}
	return all
}

func users(list []string) map[string]string {
	all := map[string]string{}
	for _, u := range list {
		name, rest, _ := strings.Cut(u, ":")
		all[name] = rest
	}
	return all
}

// verdicts maps checks to how they came out at the last gate that was held. Checks
// that read the same are told apart by their order.
func verdicts(checks []Check) map[string]string {
	gate := 0
	for _, c := range checks {
		gate = max(gate, c.Gate)
	}
	all, times := map[string]string{}, map[string]int{}
	for _, c := range checks {
		if c.Gate != gate {
			continue
		}
		name := strings.TrimSpace(c.Subject + " " + c.Description)
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, times[name])
		}
		all[name] = c.Verdict
	}
	return all
}
