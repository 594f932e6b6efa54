package resource

import "strings"

var repoRows = []row{
	{of: one("yumrepo"), when: dnf, method: "exists?", ask: check(repolist("dnf repolist all", existsPattern))},
	{of: one("yumrepo"), when: dnf, method: "enabled?", ask: check(repolist("dnf repolist enabled", enabledPattern))},
	{of: one("yumrepo"), when: redhat, method: "exists?", ask: check(repolist("yum repolist all -C", existsPattern))},
	{of: one("yumrepo"), when: redhat, method: "enabled?", ask: check(repolist("yum repolist enabled -C", enabledPattern))},
	{of: one("yumrepo"), method: "exists?", ask: notHere},
	{of: one("yumrepo"), method: "enabled?", ask: notHere},
	{of: one("ppa"), when: ubuntu, method: "exists?", ask: check(ppa(""))},
	{of: one("ppa"), when: ubuntu, method: "enabled?", ask: check(ppa("^"))},
	{of: one("ppa"), method: "exists?", ask: notHere},
	{of: one("ppa"), method: "enabled?", ask: notHere},
}

func existsPattern(name string) string {
	return `-qsE "^[\!\*]?` + name + `(\s|$|\/)"`
}

// enabledPattern matches every repository whose name begins so.
func enabledPattern(name string) string { return `-qs "^[\!\*]\?` + name + `"` }

func repolist(list string, pattern func(string) string) func(*asking) string {
	return func(a *asking) string { return list + " | grep " + pattern(a.name()) }
}

func ppa(anchor string) func(*asking) string {
	return func(a *asking) string {
		return `find /etc/apt/ -name *.list | xargs grep -o -E "` + anchor + `deb +[\"']?http://ppa.launchpad.net/` +
			escape(strings.TrimPrefix(a.plain(), "ppa:")) + `"`
	}
}
