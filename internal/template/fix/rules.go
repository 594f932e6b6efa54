package fix

import (
	"github.com/proofmark-build/proofmark/internal/template/json"
)

// rule changes components of some types.
type rule struct {
	types string // words of matches
	apply func(f *fixer, n *json.Node)
}

// builderRules are in the order in which they build on each other: a rule sees what
// those before it made.
var builderRules = []rule{
	{"*", isoMD5},
	{"*", createTime},
	{"virtualbox", guestAdditions},
	retype("virtualbox", "virtualbox-iso"),
	retype("vmware", "vmware-iso"),
	drop("parallels-iso parallels-pvm", "headless", "it had no effect"),
	drop("parallels-iso parallels-pvm", "parallels_tools_host_path", "it had no effect"),
	rename("parallels-iso parallels-pvm", "guest_os_distribution", "guest_os_type", oldWins),
	rename("*", "ssh_key_path", "ssh_private_key_file", newWins),
	rename("*", "ssh_disable_agent", "ssh_disable_agent_forwarding", newWins),
	rename("scaleway", "access_key", "organization_id", oldWins),
	rename("amazon-", "shutdown_behaviour", "shutdown_behavior", oldWins),
	renameBool("amazon-", "enhanced_networking", "ena_support"),
	{"amazon-", privateIP},
	{"amazon-", sourceCIDR},
	{"vmware-iso", compaction},
	drop("hyperv-iso", "vhd_temp_path", "it had no effect"),
	rename("hyperv-vmcx", "clone_from_vmxc_path", "clone_from_vmcx_path", oldWins),
	rename("hyperv-iso hyperv-vmcx", "cpu", "cpus", oldWins),
	rename("hyperv-iso hyperv-vmcx", "ram_size", "memory", oldWins),
	{"*", cleanName},
	drop("docker", "login_email", "registries want none"),
	drop("amazon-", "spot_price_auto_product", "the price needs no product"),
	{"qemu", diskSize},
	rename("virtualbox-iso virtualbox-ovf virtualbox-vm", "ssh_host_port_min", "host_port_min", newWins),
	rename("virtualbox-iso virtualbox-ovf virtualbox-vm", "ssh_host_port_max", "host_port_max", newWins),
	rename("virtualbox-iso virtualbox-ovf virtualbox-vm", "ssh_skip_nat_mapping", "skip_nat_mapping", newWins),
	rename("*", "ssh_wait_timeout", "ssh_timeout", newWins),
	{"vsphere-iso", vsphereParts},
	{"*", isoChecksum},
	rename("qemu", "ssh_host_port_min", "host_port_min", oldWins),
	rename("qemu", "ssh_host_port_max", "host_port_max", oldWins),
	{"azure-arm azure-chroot", excludeFromLatest},
	retype("proxmox", "proxmox-iso"),
}

var provisionerRules = []rule{
	{"powershell", powershellEscapes},
	rename("ansible-local", "galaxycommand", "galaxy_command", newWins),
}

var postProcessorRules = []rule{
	{"vagrant", vagrantOverride},
	rename("manifest", "filename", "output", oldWins),
	drop("docker-", "login_email", "registries want none"),
	{"docker-tag", dockerTags},
}

// Which value stays when the old and the new name are both given.
const (
	oldWins = true
	newWins = false
)

func rename(types, old, name string, oldStays bool) rule {
	return rule{types, func(f *fixer, n *json.Node) { f.rename(n, old, name, oldStays) }}
}

func renameBool(types, old, name string) rule {
	return rule{types, func(f *fixer, n *json.Node) {
		if v := n.Get(old); v != nil && v.Kind == json.Bool {
			f.rename(n, old, name, oldWins)
		}
	}}
}

func (f *fixer) rename(n *json.Node, old, name string, oldStays bool) {
	i := find(n, old)
	if i < 0 {
		return
	}
	off := n.Members[i].Off
	if find(n, name) >= 0 {
		if !oldStays {
			cut(n, old)
			f.changed(off, name+" as it is given there", "option %q is now %q", old, name)
			return
		}
		cut(n, name)
		i = find(n, old)
	}
	n.Members[i].Name = name
	f.changed(off, name, "option %q is now %q", old, name)
}

func drop(types, name, why string) rule {
	return rule{types, func(f *fixer, n *json.Node) {
		if m, ok := cut(n, name); ok {
			f.changed(m.Off, "the template without it", "option %q is gone: %s", name, why)
		}
	}}
}

func retype(old, name string) rule {
	return rule{old, func(f *fixer, n *json.Node) {
		t := n.Get("type")
		become(t, json.String, name)
		f.changed(t.Off, name, "type %q is now %q", old, name)
	}}
}
