package resource

import (
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var kernelRows = []row{
	{of: one("kernel_module"), method: "loaded?", ask: check(func(a *asking) string {
		if a.host.Strict {
			return "lsmod | grep -w ^" + a.plain()
		}
		return "lsmod | grep ^" + a.plain()
	})},
	{of: one("linux_kernel_parameter"), method: "value", ask: func(a *asking) Value {
		return number(strip(a.stdout("/sbin/sysctl -q -n " + a.plain())))
	}, fact: parameter},
	{of: one("linux_audit_system"), method: "enabled?", ask: func(a *asking) Value { return Bool(a.auditStatus("enabled") == "1") }},
	{of: one("linux_audit_system"), method: "running?", ask: func(a *asking) Value {
		pid := a.auditStatus("pid")
		return Bool(pid != "" && pid != "0")
	}},
	{of: one("linux_audit_system"), method: "rules", ask: func(a *asking) Value { return String(a.stdout("/sbin/auditctl -l")) }},
	{of: one("cgroup"), method: "*", ask: func(a *asking) Value {
		return number(strip(a.stdout("cgget -n -r " + a.method + " " + a.plain() + " | awk '{print $2}'")))
	}},
}

var sysctlName = regexp.MustCompile(`\A[a-z0-9_]+(\.[A-Za-z0-9_-]+)+\z`)

func parameter(a *asking) (Value, bool) {
	if !sysctlName.MatchString(a.plain()) {
		return nil, false
	}
	p, ok := insist[probe.KernelParam](a, probe.KindKernelParam, a.plain())
	return number(p.Value), ok && p.Exists && !strings.Contains(p.Value, "\n")
}

// auditStatus reads "AUDIT_STATUS: enabled=1 pid=…" of old versions, and a line for
// each of what newer ones print.
func (a *asking) auditStatus(key string) string {
	out := strings.TrimSuffix(a.stdout("/sbin/auditctl -s"), "\n")
	found := ""
	if rest, old := strings.CutPrefix(out, "AUDIT_STATUS"); old {
		for _, f := range strings.Fields(rest) {
			if name, value, _ := strings.Cut(f, "="); name == key {
				found = value
			}
		}
		return found
	}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == key {
			found = f[1]
		}
	}
	return found
}
