package qemu

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// argumentValues are those of placeholders in qemuargs.
type argumentValues struct {
	HTTPIP, HTTPPort, HTTPDir string
	HTTPContent               map[string]string
	OutputDir, Name           string
	SSHHostPort               int
}

// override puts the template's arguments in the place of those that are made of the same
// names. A machine whose devices the template lists still gets its network card, as with
// Packer, unless it lists one of that kind. moved is applied to each
// value.
func (c Config) override(a arguments, values argumentValues, moved func(string) string) (arguments, error) {
	var own arguments
	for i, words := range c.Args {
		if len(words) == 0 {
			continue
		}
		var text []string
		for _, w := range words {
			s, err := w.Render(values)
			if err != nil {
				return nil, fmt.Errorf("qemuargs[%d]: %w", i, err)
			}
			text = append(text, s)
		}
		own.join(text[0], moved(strings.Join(text[1:], "")))
	}
	if own.has("-device") {
		j := slices.IndexFunc(own, func(x argument) bool { return x.name == "-device" })
		if !strings.Contains(strings.Join(own[j].values, ""), c.NetDevice) {
			own[j].values = append(own[j].values, c.NetDevice+",netdev=user.0")
		}
	}
	all := slices.DeleteFunc(slices.Clone(a), func(x argument) bool { return own.has(x.name) })
	return append(all, own...), nil
}

// afterInstallation takes from a template's own arguments what would install the machine once
// more. Memory fits the hardware of the installation, a kernel beside the disk included.
func (c Config) afterInstallation(a arguments, how start) arguments {
	a = slices.Clone(a)
	for i, x := range a {
		if x.name != "-boot" {
			continue
		}
		a[i].values = slices.Clone(x.values)
		for j, v := range x.values {
			a[i].values[j] = withoutOnce(v)
		}
		a[i].values = slices.DeleteFunc(a[i].values, func(v string) bool { return v == "" })
	}
	installer := []string{"-kernel", "-initrd", "-append"}
	return slices.DeleteFunc(a, func(x argument) bool {
		return x.name == "-boot" && len(x.values) == 0 || !c.Image && how == fromDisk && slices.Contains(installer, x.name)
	})
}

// withoutOnce is the order of starting from drives without what counts the first time.
func withoutOnce(order string) string {
	parts := slices.DeleteFunc(strings.Split(order, ","), func(p string) bool { return strings.HasPrefix(p, "once=") })
	return strings.Join(parts, ",")
}

// join adds a value to the argument of a name, or the name alone.
func (a *arguments) join(name, value string) {
	var values []string
	if value != "" {
		values = []string{value}
	}
	if i := slices.IndexFunc(*a, func(x argument) bool { return x.name == name }); i >= 0 {
		(*a)[i].values = append((*a)[i].values, values...)
		return
	}
	a.add(name, values...)
}

// moveInto gives a function that has files below from, which the template expects the
// machine's disks in, be those of a directory: they get to from when all has succeeded.
func moveInto(from, directory string) func(string) string {
	from = filepath.Clean(from)
	return func(value string) string {
		parts := strings.Split(value, ",")
		for i, p := range parts {
			key, path, ok := strings.Cut(p, "=")
			if !ok || key != "file" {
				continue
			}
			if rel, err := filepath.Rel(from, path); err == nil && filepath.IsAbs(from) == filepath.IsAbs(path) && filepath.IsLocal(rel) && rel != "." {
				parts[i] = "file=" + filepath.Join(directory, rel)
			}
		}
		return strings.Join(parts, ",")
	}
}
