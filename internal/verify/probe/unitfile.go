package probe

import (
	"bytes"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// unitFiles reads systemd's unit files without systemd: for trees, for machines
// that are not booted, and for links made since systemd last looked.
type unitFiles struct{ v *view }

func (v *view) unitFiles() unitFiles { return unitFiles{v} }

const (
	etcUnits = "/etc/systemd/system"
	runUnits = "/run/systemd/system"
)

func unitDirs() []string {
	return []string{etcUnits, runUnits, "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}
}

// state returns what "systemctl is-enabled" prints for a unit; "" when it has no file.
func (u unitFiles) state(unit string) string {
	file, target := u.find(unit)
	switch {
	case file == "":
		return ""
	case target == "/dev/null" && strings.HasPrefix(file, runUnits):
		return "masked-runtime"
	case target == "/dev/null":
		return "masked"
	case target != "" && path.Base(target) != path.Base(file):
		return "alias"
	}
	text := u.read(file)
	if len(text) == 0 && strings.HasPrefix(file, etcUnits) {
		return "masked"
	}
	in := parseInstall(text)
	switch {
	case u.linked(etcUnits, unit, in.alias):
		return "enabled"
	case u.linked(runUnits, unit, in.alias):
		return "enabled-runtime"
	case target != "" && !slices.Contains(unitDirs(), path.Dir(target)):
		return "linked"
	case in.wanted || len(in.alias) > 0:
		return "disabled"
	case in.also:
		return "indirect"
	}
	return "static"
}

// find returns the path of a unit's file, that of its template for an instance,
// and where it leads if it is a link.
func (u unitFiles) find(unit string) (file, target string) {
	names := []string{unit}
	if at := strings.IndexByte(unit, '@'); at > 0 && !isTemplate(unit) {
		names = append(names, unit[:at+1]+path.Ext(unit))
	}
	for _, name := range names {
		for _, dir := range unitDirs() {
			// Links of the directories are taken (/lib may be one), not that of the file.
			real, err := u.v.path(path.Join(dir, name), false)
			if err != nil {
				continue
			}
			info, err := os.Lstat(real)
			if err != nil || info.IsDir() {
				continue
			}
			target, _ := os.Readlink(real)
			if target != "" && !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			return path.Join(dir, name), target
		}
	}
	return "", ""
}

// linked tells whether dir holds a link that enables the unit: one in a .wants
// directory, or one of its [Install] aliases.
func (u unitFiles) linked(dir, unit string, alias []string) bool {
	for name := range u.links(dir) {
		if name == unit || isTemplate(unit) && strings.HasPrefix(name, strings.TrimSuffix(unit, path.Ext(unit))) && path.Ext(name) == path.Ext(unit) {
			return true
		}
	}
	for _, a := range alias {
		real, err := u.v.path(path.Join(dir, a), false)
		if err != nil {
			continue
		}
		if target, err := os.Readlink(real); err == nil && path.Base(target) == unit {
			return true
		}
	}
	return false
}

// links returns the units that are linked into a directory's .wants, .requires
// and .upholds directories.
func (u unitFiles) links(dir string) map[string]bool {
	if read, ok := u.v.links.Load(dir); ok {
		return read.(map[string]bool)
	}
	found := map[string]bool{}
	for _, d := range u.list(dir) {
		switch path.Ext(d) {
		case ".wants", ".requires", ".upholds":
			for _, name := range u.list(path.Join(dir, d)) {
				found[name] = true
			}
		}
	}
	u.v.links.Store(dir, found)
	return found
}

func (u unitFiles) list(dir string) []string {
	real, err := u.v.path(dir, true)
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(real)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (u unitFiles) read(file string) []byte {
	f, err := u.v.openRegular(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 1<<20))
	return text
}

// install is what a unit's [Install] section says.
type install struct {
	wanted bool // by some other unit
	also   bool
	alias  []string
}

func parseInstall(text []byte) install {
	var in install
	section := ""
	for line := range bytes.Lines(text) {
		s := strings.TrimSpace(string(line))
		if strings.HasPrefix(s, "[") {
			section = s
		}
		key, value, ok := strings.Cut(s, "=")
		if !ok || section != "[Install]" || strings.HasPrefix(s, "#") || strings.HasPrefix(s, ";") {
			continue
		}
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); key {
		case "WantedBy", "RequiredBy", "UpheldBy":
			in.wanted = in.wanted || value != ""
		case "Also":
			in.also = true
		case "Alias":
			in.alias = append(in.alias, strings.Fields(value)...)
		}
	}
	return in
}
