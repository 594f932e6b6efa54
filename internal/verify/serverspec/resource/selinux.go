package resource

var selinuxRows = []row{
	{of: one("selinux"), method: "disabled?", ask: check(func(a *asking) string {
		return "test ! -f /etc/selinux/config || ( ( " + enforces("disabled") + " || " + enforces("permissive") + " ) && " + configured("SELINUX", "disabled") + ")"
	})},
	{of: one("selinux"), method: "enforcing?", params: "with_policy", ask: check(selinuxMode("enforcing"))},
	{of: one("selinux"), method: "permissive?", params: "with_policy", ask: check(selinuxMode("permissive"))},
	{of: one("selinux_module"), when: newSemodule, method: "installed?", params: "with_version", ask: check(semodule)},
	{of: one("selinux_module"), when: newSemodule, method: "enabled?", ask: check(semodule)},
	{of: one("selinux_module"), method: "installed?", params: "with_version", ask: check(func(a *asking) string {
		line := "semodule -l | grep $'^" + a.name() + `\t`
		if a.has("with_version") {
			line += a.argq("with_version") + `\t`
		}
		return line + "'"
	})},
	{of: one("selinux_module"), method: "enabled?", ask: check(func(a *asking) string {
		return "semodule -l | grep $'^" + a.name() + `\t' | grep -v $'^` + a.name() + `\t.*\tDisabled$'`
	})},
}

func enforces(mode string) string { return "(getenforce | grep -i -- " + mode + ")" }

func configured(key, value string) string {
	return `grep -iE -- '^\s*` + key + "=" + value + `\>' /etc/selinux/config`
}

func selinuxMode(mode string) func(*asking) string {
	return func(a *asking) string {
		line := enforces(mode) + " && " + configured("SELINUX", mode)
		if a.has("with_policy") {
			line += " && " + configured("SELINUXTYPE", a.argq("with_policy"))
		}
		return line
	}
}

// newSemodule prints names alone, without versions and states.
func newSemodule(p Platform) bool { return p.is("redhat", "fedora", "amazon") && p.major() >= 8 }

func semodule(a *asking) string { return "semodule -l | grep $'^" + a.name() + "'" }
