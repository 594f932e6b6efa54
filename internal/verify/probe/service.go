package probe

import (
	"context"
	"errors"
	"slices"
	"strings"
)

var errNoInit = errors.New("no init system is running")

func (v *view) service(ctx context.Context, name string) (*Service, error) {
	unit := unitName(name)
	if !validUnit(unit) {
		return &Service{RunLevels: []string{}}, nil
	}
	script := strings.TrimSuffix(unit, ".service")
	s := &Service{RunLevels: v.runLevels(script)}
	switch init := v.init(); {
	case init == "systemd":
		return s, v.systemdService(ctx, unit, s)
	case v.live() && init != "":
		return s, v.scriptService(ctx, script, init, s)
	}
	// Nothing runs: what the files say.
	s.Err = errNoInit.Error()
	if !v.live() {
		s.Err = errTree.Error()
	}
	if state := v.unitFiles().state(unit); state != "" {
		s.Exists, s.UnitFile, s.Enabled = true, state, enabledState(state)
	} else if v.hasScript(script) {
		s.Exists, s.Enabled = true, len(s.RunLevels) > 0
	}
	return s, nil
}

func (v *view) systemdService(ctx context.Context, unit string, s *Service) error {
	if isTemplate(unit) { // it has a file and no state
		s.UnitFile = v.unitFiles().state(unit)
		s.Exists, s.Enabled = s.UnitFile != "", enabledState(s.UnitFile)
		return nil
	}
	all, err := v.showUnits(ctx)
	if err != nil {
		return err
	}
	p := all[unit]
	s.Exists = p["LoadState"] != "not-found"
	s.State = p["ActiveState"] + "/" + p["SubState"]
	s.Running = isActive(p["ActiveState"])
	s.UnitFile = p["UnitFileState"]
	switch {
	case s.UnitFile != "" && p["Id"] != unit:
		s.UnitFile = "alias"
	case s.UnitFile == "disabled":
		// The manager remembers the state until it is reloaded; a link made since counts.
		if now := v.unitFiles().state(unit); now == "enabled" {
			s.UnitFile = now
		}
	case s.UnitFile == "generated" && strings.HasPrefix(p["SourcePath"], "/etc/init.d/"):
		// What "systemctl is-enabled" says of scripts: the links of S and 5 count.
		s.Enabled = slices.Contains(s.RunLevels, "5") || slices.Contains(s.RunLevels, "S")
		return nil
	}
	s.Enabled = enabledState(s.UnitFile)
	return nil
}

func isActive(state string) bool {
	return state == "active" || state == "reloading" || state == "refreshing"
}

// enabledState tells for which states "systemctl is-enabled" succeeds.
func enabledState(state string) bool {
	switch state {
	case "enabled", "enabled-runtime", "static", "alias", "indirect", "generated":
		return true
	}
	return false
}

// unitName adds what may be missing.
func unitName(name string) string {
	for _, suffix := range []string{".service", ".socket", ".target", ".timer", ".mount", ".automount", ".path", ".slice", ".scope", ".swap", ".device"} {
		if strings.HasSuffix(name, suffix) {
			return name
		}
	}
	return name + ".service"
}

// validUnit keeps what systemctl would take for a pattern or a path away from it.
func validUnit(unit string) bool {
	const signs = `:-_.\@`
	for _, r := range unit {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(signs, r):
		default:
			return false
		}
	}
	return len(unit) < 256 && !strings.HasPrefix(unit, ".") && !strings.HasPrefix(unit, "@")
}

func isTemplate(unit string) bool { return strings.Contains(unit, "@.") }
