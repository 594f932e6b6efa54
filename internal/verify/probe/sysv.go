package probe

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"
)

// runLevels returns the run levels whose start links name a script, System V's
// ("2" … "5", "S") or OpenRC's ("default").
func (v *view) runLevels(script string) []string {
	levels := []string{}
	for level, scripts := range v.startLinks() {
		if slices.Contains(scripts, script) {
			levels = append(levels, level)
		}
	}
	slices.Sort(levels)
	return levels
}

// startLinks returns the scripts that each run level starts.
func (v *view) startLinks() map[string][]string {
	all := map[string][]string{}
	files := v.unitFiles()
	for _, level := range []string{"S", "1", "2", "3", "4", "5"} {
		for _, parent := range []string{"/etc", "/etc/rc.d"} { // Debian's and Red Hat's place
			for _, link := range files.list(path.Join(parent, "rc"+level+".d")) {
				if len(link) > 3 && link[0] == 'S' && strings.Trim(link[1:3], "0123456789") == "" && !slices.Contains(all[level], link[3:]) {
					all[level] = append(all[level], link[3:])
				}
			}
		}
	}
	for _, level := range files.list("/etc/runlevels") {
		all[level] = append(all[level], files.list(path.Join("/etc/runlevels", level))...)
	}
	return all
}

func (v *view) hasScript(name string) bool {
	p, err := v.path("/etc/init.d/"+name, true)
	if err != nil {
		return false
	}
	info, err := os.Stat(p)
	return err == nil && info.Mode().IsRegular()
}

// scriptService asks a service's own script, for init systems that keep no record.
func (v *view) scriptService(ctx context.Context, name, init string, s *Service) error {
	if !v.hasScript(name) {
		return nil
	}
	s.Exists, s.Enabled = true, len(s.RunLevels) > 0
	program, args := "/etc/init.d/"+name, []string{"status"}
	if init == "openrc" {
		program, args = "rc-service", []string{name, "status"}
	}
	_, err := tool(ctx, program, args...)
	status, ok := statusOf(err)
	if !ok {
		return err
	}
	s.Running = status == 0
	return nil
}
