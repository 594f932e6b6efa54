package resource

import (
	"slices"
	"strings"
)

// guestRows are file systems of ZFS, and guests of LXC and KVM.
var guestRows = []row{
	{of: one("zfs"), method: "exists?", ask: check(func(a *asking) string { return "zfs list -H " + a.name() })},
	{of: one("zfs"), method: "has_property?", params: "property", ask: check(zfsProperties)},
	{of: one("zfs"), method: "property", ask: func(a *asking) Value {
		all := Hash{}
		for line := range strings.Lines(a.stdout("zfs get -Hp -o property,value all " + a.name())) {
			if f := strings.Fields(line); len(f) > 1 {
				all = append(all, Pair{String(f[0]), String(f[1])})
			}
		}
		return all
	}},
	{of: one("lxc"), method: "exists?", ask: check(func(a *asking) string {
		return "lxc-ls -1 | grep -w " + a.name() + " || virsh -c lxc:/// list --all --name | grep -w '^" + a.name() + "$'"
	})},
	{of: one("lxc"), method: "running?", ask: check(func(a *asking) string {
		return "lxc-info -n " + a.name() + " -s | grep -w RUNNING || virsh -c lxc:/// list --all --name --state-running | grep -w '^" + a.name() + "$'"
	})},
	{of: one("kvm"), method: "exists?", ask: check(func(a *asking) string {
		return "virsh -c qemu:///system list --all --name | grep -w '^" + a.name() + "$'"
	})},
	{of: one("kvm"), method: "running?", ask: check(func(a *asking) string {
		return "virsh -c qemu:///system list --name | grep -w '^" + a.name() + "$'"
	})},
	{of: one("kvm"), method: "enabled?", ask: check(func(a *asking) string {
		return "virsh -c qemu:///system dominfo " + a.name() + ` | grep -E '^Autostart: +enable$'`
	})},
}

func zfsProperties(a *asking) string {
	h, _ := a.args["property"].(Hash)
	var lines []string
	for _, p := range h {
		lines = append(lines, "zfs list -H -o "+escape(Text(p.Key))+" "+a.name()+" | grep -- "+escape("^"+Text(p.Value)+"$"))
	}
	slices.Sort(lines)
	return strings.Join(lines, " && ")
}
