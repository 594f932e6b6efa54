package resource

import (
	"regexp"
	"strconv"
	"strings"
)

var inventory = one("host_inventory")

// inventoryRows are the keys of host_inventory. All values are texts; what cannot be
// found out is nil.
var inventoryRows = []row{
	{of: inventory, method: "memory", ask: parsed("cat /proc/meminfo", memory)},
	{of: inventory, method: "cpu", ask: parsed("cat /proc/cpuinfo", processors)},
	{of: inventory, method: "hostname", ask: parsed("hostname -s", stripped)},
	{of: inventory, method: "domain", ask: parsed("dnsdomainname", stripped)},
	{of: inventory, method: "fqdn", ask: parsed("hostname -f", stripped)},
	{of: inventory, method: "platform", ask: func(a *asking) Value { return text(a.host.Platform.Family) }},
	{of: inventory, method: "platform_version", ask: func(a *asking) Value { return text(a.host.Platform.Release) }},
	{of: inventory, method: "filesystem", ask: parsed("df -P", fileSystems)},
	{of: inventory, method: "kernel", ask: kernel},
	{of: inventory, method: "virtualization", ask: virtualization},
	{of: inventory, method: "block_device", ask: parsed(blockDeviceCommand, blockDevices)},
	{of: inventory, method: "user", ask: parsed("getent passwd", users)},
	{of: inventory, method: "group", ask: parsed("getent group", groups)},
	{of: inventory, method: "mount", ask: parsed("cat /proc/mounts", mounts)},
	{of: inventory, method: "ohai", ask: func(a *asking) Value {
		out := a.run("ohai")
		if out.exit != 0 {
			return nil
		}
		return a.json(out.stdout)
	}},
	{of: inventory, method: "facter", ask: elsewhere},
	{of: inventory, method: "ec2", ask: elsewhere},
	{of: inventory, method: "*", ask: func(*asking) Value { return nil }},
}

func elsewhere(a *asking) Value {
	if !a.dry {
		a.fail("host_inventory[:" + a.method + "] is not read")
	}
	return nil
}

// parsed is what a function makes of what a command prints; nil when it fails.
func parsed(line string, parse func(string) Value) func(*asking) Value {
	return func(a *asking) Value {
		out := a.run(line)
		if out.exit != 0 || a.dry || a.settled() {
			return nil
		}
		return parse(out.stdout)
	}
}

func stripped(text string) Value { return String(strip(text)) }

var memoryNames = map[string]string{
	"MemTotal": "total", "MemFree": "free", "Buffers": "buffers", "Cached": "cached", "Active": "active", "Inactive": "inactive", "Dirty": "dirty",
	"Writeback": "writeback", "AnonPages": "anon_pages", "Mapped": "mapped", "Slab": "slab", "SReclaimable": "slab_reclaimable", "SUnreclaim": "slab_unreclaim",
	"PageTables": "page_tables", "NFS_Unstable": "nfs_unstable", "Bounce": "bounce", "CommitLimit": "commit_limit", "Committed_AS": "committed_as",
	"VmallocTotal": "vmalloc_total", "VmallocUsed": "vmalloc_used", "VmallocChunk": "vmalloc_chunk", "AnonHugePages": "annon_huge_pages", // sic
	"HugePages_Total": "huge_pages_total", "HugePages_Free": "huge_pages_free", "HugePages_Rsvd": "huge_pages_rsvd", "HugePages_Surp": "huge_pages_surp",
	"Hugepagesize": "huge_page_size",
}

var swapNames = map[string]string{"SwapCached": "cached", "SwapTotal": "total", "SwapFree": "free"}

// memory joins numbers and units: "2048kB".
func memory(text string) Value {
	all, swap := Hash{{String("swap"), nil}}, Hash{}
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		f := strings.Fields(rest)
		counts := strings.HasPrefix(name, "HugePages_")
		if len(f) == 0 || counts != (len(f) == 1) {
			continue
		}
		value := String(strings.Join(f, ""))
		if key := memoryNames[name]; key != "" {
			all = all.set(String(key), value)
		}
		if key := swapNames[name]; key != "" {
			swap = swap.set(String(key), value)
		}
	}
	all[0].Value = swap
	return all
}

// cpuNames are keys of /proc/cpuinfo whose values are texts or, if so said, numbers.
var cpuNames = []struct {
	label, key string
	number     bool
}{
	{"vendor_id", "vendor_id", false}, {"cpu family", "cpu_family", true}, {"model", "model", true}, {"model name", "model_name", false}, {"stepping", "stepping", true},
	{"microcode", "microcode", false}, {"cpu MHz", "cpu_mhz", false}, {"physical id", "physical_id", true}, {"siblings", "siblings", true}, {"core id", "core_id", true},
	{"cpu cores", "cpu_cores", true}, {"apicid", "apicid", true}, {"initial apicid", "initial_apicid", true}, {"fpu", "fpu", false}, {"fpu_exception", "fpu_exception", false},
	{"cpuid level", "cpuid_level", true}, {"wp", "wp", false}, {"bogomips", "bogomips", false}, {"clflush size", "clflush_size", true},
	{"cache_alignment", "cache_alignment", true}, {"address sizes", "address_sizes", false},
}

var (
	nextProcessor = regexp.MustCompile(`[^^]processor`)
	cacheSize     = regexp.MustCompile(`^(\d+) (.+)$`)
)

func processors(text string) Value {
	all := Hash{}
	blocks := nextProcessor.Split(strings.TrimRight(text, "\n"), -1)
	all = all.set(String("total"), String(strconv.Itoa(len(blocks))))
	for i, block := range blocks {
		cpu := Hash{}
		for line := range strings.Lines(block) {
			label, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
			label, value = strings.TrimRight(label, " \t"), strings.TrimLeft(value, " \t")
			if !ok || value == "" && label != "power management" {
				continue
			}
			cpu = cpu.processor(label, value)
		}
		all = all.set(String(strconv.Itoa(i)), cpu)
	}
	return all
}

func (h Hash) processor(label, value string) Hash {
	switch m := cacheSize.FindStringSubmatch(value); {
	case label == "cache size" && m != nil:
		return h.set(String("cache_size"), String(m[1]+m[2]))
	case label == "power management":
		return h.set(String("power_management"), String(value))
	case label == "flags":
		var list List
		for _, f := range strings.Fields(value) {
			list = append(list, String(f))
		}
		return h.set(String("flags"), list)
	}
	for _, n := range cpuNames {
		if n.label == label && (!n.number || digits(value)) {
			return h.set(String(n.key), String(value))
		}
	}
	return h
}

var dfLine = regexp.MustCompile(`^(.+?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+%)\s+(.+)$`)

func fileSystems(text string) Value {
	all := Hash{}
	for line := range strings.Lines(text) {
		m := dfLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil || strings.HasPrefix(line, "Filesystem ") {
			continue
		}
		fs := Hash{}
		for i, key := range []string{"kb_size", "kb_used", "kb_available", "percent_used", "mount"} {
			fs = fs.set(String(key), String(m[i+2]))
		}
		all = all.set(String(m[1]), fs)
	}
	return all
}

var unameForm = regexp.MustCompile(`(?m)^(\w+) (((\d+\.\d+)\.\d+).*)$`)

func kernel(a *asking) Value {
	out := a.run("uname -s -r")
	all := Hash{{String("machine"), text(a.host.Platform.Arch)}}
	m := unameForm.FindStringSubmatch(out.stdout)
	if out.exit != 0 {
		return all
	}
	if m == nil {
		return nil
	}
	for i, key := range []string{"name", "release", "version", "version_major"} {
		all = all.set(String(key), String(m[i+1]))
	}
	return all
}

var products = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`VMware Virtual Platform|VMware7,1`), "vmware"}, {regexp.MustCompile(`VirtualBox`), "vbox"},
	{regexp.MustCompile(`KVM`), "kvm"}, {regexp.MustCompile(`OpenStack`), "openstack"},
}

func virtualization(a *asking) Value {
	system := func(name Value) Value { return Hash{{Symbol("system"), name}} }
	if a.run(`grep -Eqa 'docker(/|-[0-9a-f]+)' /proc/1/cgroup||test -e /.dockerinit`).exit == 0 && !a.settled() {
		return system(String("docker"))
	}
	if a.run("test -d /proc/vz -a ! -d /proc/bc").exit == 0 && !a.settled() {
		return system(String("openvz"))
	}
	if out := a.run("dmidecode -s system-product-name"); out.exit == 0 && out.stdout != "" {
		for _, p := range products {
			if p.form.MatchString(out.stdout) {
				return system(String(p.name))
			}
		}
		return system(nil)
	}
	out := a.run("systemd-detect-virt")
	if out.exit != 0 {
		return Hash{}
	}
	switch name := strip(out.stdout); name {
	case "vmware", "kvm", "qemu":
		return system(String(name))
	case "oracle":
		return system(String("vbox"))
	}
	return system(nil)
}

const blockDeviceCommand = `bash -c 'for f in $(ls /sys/block/*/{size,removable,device/{model,rev,state,timeout,vendor},queue/rotational}); do echo -e "${f}	$(cat ${f})"; done'`

var blockDeviceLine = regexp.MustCompile(`\A/sys/block/(\w+)/(\w+)(?:/(\w+))?\t(.+)\z`)

func blockDevices(text string) Value {
	all := Hash{}
	for line := range strings.Lines(text) {
		m := blockDeviceLine.FindStringSubmatch(strip(line))
		if m == nil {
			continue
		}
		what := m[3]
		if what == "" {
			what = m[2]
		}
		device, _ := all.under(m[1]).(Hash)
		all = all.set(String(m[1]), device.set(String(what), String(m[4])))
	}
	return all
}

// records reads lines of fields with colons between, under the first of them.
func records(text string, fields ...string) Hash {
	all := Hash{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		for len(f) > 1 && f[len(f)-1] == "" {
			f = f[:len(f)-1]
		}
		entry := Hash{}
		for i, name := range fields {
			var v Value
			if i < len(f) {
				v = String(f[i])
			}
			if name != "" {
				entry = append(entry, Pair{String(name), v})
			}
		}
		all = all.set(String(f[0]), entry)
	}
	return all
}

func users(text string) Value {
	return records(text, "name", "", "uid", "gid", "gecos", "directory", "shell")
}

func groups(text string) Value {
	all := records(text, "name", "", "gid", "members")
	for _, p := range all {
		entry, members := p.Value.(Hash), List{}
		if list, ok := entry.under("members").(String); ok {
			for m := range strings.SplitSeq(string(list), ",") {
				members = append(members, String(m))
			}
		}
		entry.set(String("members"), members)
	}
	return all
}

var mountsLine = regexp.MustCompile(`^(.+)\s+(.+)\s+(.+)\s+(.+)\s+(\d+)\s+(\d+)$`)

func mounts(text string) Value {
	all := List{}
	for line := range strings.Lines(text) {
		entry := Hash{}
		if m := mountsLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
			var options List
			for o := range strings.SplitSeq(m[4], ",") {
				options = append(options, String(o))
			}
			entry = Hash{{String("device"), String(m[1])}, {String("point"), String(m[2])}, {String("type"), String(m[3])},
				{String("options"), options}, {String("dump"), String(m[5])}, {String("pass"), String(m[6])}}
		}
		all = append(all, entry)
	}
	return all
}
