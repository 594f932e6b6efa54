package resource

import (
	"regexp"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var serviceRows = []row{
	{of: one("service"), method: "enabled?", params: "with_level under", ask: enabled, fact: enabledFact},
	{of: one("service"), method: "running?", params: "under", ask: runningService, fact: runningFact},
	{of: one("service"), method: "monitored_by?", params: "by with_name", ask: monitored},
	{of: one("service"), method: "installed?", ask: notHere},
	{of: one("service"), method: "has_start_mode?", ask: notHere},
	{of: one("service"), method: "has_property?", ask: notHere},
	{of: one("service"), method: "property", ask: notHere},
}

// level is the run level that be_enabled.with_level names.
func (a *asking) level() string {
	if a.has("with_level") {
		return a.arg("with_level")
	}
	return "3"
}

const daemontoolsDir = "$([ -d /service ] && echo /service || echo /etc/service)/"

// supervision is one way to look after services.
type supervision struct {
	enabled, running func(a *asking) string // nil: ServerSpec cannot ask
}

var supervisions = map[string]supervision{
	"init": {
		func(a *asking) string { return "chkconfig --list " + a.name() + " | grep " + a.level() + ":on" },
		func(a *asking) string { return "service " + a.name() + " status" },
	},
	"systemd": {
		func(a *asking) string {
			line := "systemctl --quiet is-enabled " + a.name()
			if modernDebian(a.host.Platform) {
				line += "||ls /etc/rc[S5].d/S??" + a.name() + " >/dev/null 2>/dev/null"
			}
			return line
		},
		func(a *asking) string { return "systemctl is-active " + a.name() },
	},
	"openrc": {
		func(a *asking) string { return "rc-update show boot default | grep -w " + a.name() },
		func(a *asking) string { return "/etc/init.d/" + a.name() + " status" },
	},
	"daemontools": {
		func(a *asking) string {
			dir := daemontoolsDir + a.name()
			return "test -L " + dir + " && test -f " + dir + "/run"
		},
		func(a *asking) string {
			return "svstat " + daemontoolsDir + a.name() + ` | grep -E 'up \(pid [0-9]+\)'`
		},
	},
	"runit": {
		func(a *asking) string { return "test ! -f /etc/sv/" + a.name() + "/down" },
		func(a *asking) string { return "sv status " + a.name() + " | grep -E '^run: '" },
	},
	"supervisor": {nil, func(a *asking) string { return "supervisorctl status " + a.name() + " | grep RUNNING" }},
	"upstart":    {nil, func(a *asking) string { return "initctl status " + a.name() + " | grep running" }},
}

// supervised returns what looks after services here, when nothing else is named.
func supervised(p Platform) string {
	switch {
	case systemd(p), modernDebian(p):
		return "systemd"
	case alpine(p):
		return "openrc"
	}
	return "init"
}

func enabled(a *asking) Value {
	name := supervised(a.host.Platform)
	if a.has("under") {
		name = strings.TrimPrefix(a.arg("under"), "under_")
		if name == "openrc" && !alpine(a.host.Platform) {
			return notHere(a)
		}
	} else {
		switch p := a.host.Platform; {
		case oldDebian(p), ubuntu(p) && !systemd(p):
			return a.check("ls /etc/rc" + a.level() + ".d/ | grep -- '^S.." + a.name() + "$' || grep '^ *start on' /etc/init/" + a.name() + ".conf")
		case p.is("opensuse"):
			return a.check("systemctl is-enabled " + a.name())
		}
	}
	s, ok := supervisions[name]
	if !ok || s.enabled == nil {
		return notHere(a)
	}
	return a.check(s.enabled(a))
}

// runningService holds it against services that say "stop/waiting" with success, and
// looks among the processes for one that the init system says 1 of.
func runningService(a *asking) Value {
	if a.has("under") {
		name := a.arg("under")
		s, ok := supervisions[name]
		if !ok || name == "openrc" && !alpine(a.host.Platform) {
			return notHere(a)
		}
		return a.check(s.running(a))
	}
	p := a.host.Platform
	line := supervisions[supervised(p)].running(a)
	switch {
	case ubuntu(p) && !systemd(p):
		line = "service " + a.name() + " status && service " + a.name() + " status | egrep 'running|online'"
	case p.is("opensuse"):
		line = "service " + a.name() + " status"
	}
	out := a.run(line)
	if stopWaiting.MatchString(out.stdout) {
		return Bool(false)
	}
	if out.exit == 1 && !a.host.NoProcessFallback && !a.host.Strict {
		ps := "ps aux"
		if alpine(p) {
			ps = "ps -ocomm"
		}
		return Bool(a.runAlone(ps+" | grep -w -- "+a.name()+" | grep -qv grep").exit == 0)
	}
	return Bool(out.exit == 0)
}

var stopWaiting = regexp.MustCompile(`stop(ped)?/waiting`)

// monitored asks god, or reads the third line from where monit speaks of the process.
func monitored(a *asking) Value {
	name := a.plain()
	if a.has("with_name") {
		name = a.arg("with_name")
	}
	switch a.arg("by") {
	case "god":
		return a.check("god status " + escape(name))
	case "monit":
	default:
		return notHere(a)
	}
	out := a.run("monit status")
	if out.exit != 0 || a.dry {
		return Bool(false)
	}
	var lines []string
	for _, l := range strings.FieldsFunc(out.stdout, func(r rune) bool { return r == '\n' || r == '\r' }) {
		lines = append(lines, strings.TrimSpace(l))
	}
	at := slices.Index(lines, "Process '"+name+"'")
	switch {
	case at < 0:
		return Bool(false)
	case at+2 >= len(lines):
		return a.raise("NoMethodError", "undefined method `match' for nil:NilClass")
	}
	return Bool(monitoring.MatchString(lines[at+2]))
}

var monitoring = regexp.MustCompile(`(?i)\Amonitoring status\s+monitored\n?\z`)

// serviceOf returns the fact of a unit with an ordinary name, where systemd runs and
// is what ServerSpec asks.
func (a *asking) serviceOf() (probe.Service, bool) {
	name := a.plain()
	asked := supervised(a.host.Platform)
	if a.has("under") {
		asked = a.arg("under")
	}
	if asked != "systemd" || !ordinary.MatchString(name) || strings.ContainsAny(name, "/,+") {
		return probe.Service{}, false
	}
	s, ok := know[probe.Service](a, probe.KindService, name, nil)
	return s, ok && s.Err == ""
}

func enabledFact(a *asking) (Value, bool) {
	s, ok := a.serviceOf()
	switch {
	case !ok:
		return nil, false
	case s.Enabled:
		return Bool(true), true
	case s.Exists && s.UnitFile != "generated" && s.UnitFile != "", !s.Exists && len(s.RunLevels) == 0:
		links := slices.Contains(s.RunLevels, "S") || slices.Contains(s.RunLevels, "5")
		return Bool(links && modernDebian(a.host.Platform)), true
	}
	return nil, false
}

func runningFact(a *asking) (Value, bool) {
	s, ok := a.serviceOf()
	return Bool(s.Running), ok && (s.Running || s.Exists)
}
