package serverspec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// inventoryOf is host_inventory[name]. What a command gives is Nil where it fails.
func (r *run) inventoryOf(name string) (ruby.Value, error) {
	if v, ok := r.inventory[name]; ok {
		return v, nil
	}
	v, err := r.readInventory(name)
	if err == nil {
		r.inventory[name] = v
	}
	return v, err
}

func (r *run) readInventory(name string) (ruby.Value, error) {
	switch name {
	case "platform", "platform_version":
		h, err := r.os()
		if err != nil {
			return nil, err
		}
		key := map[string]string{"platform": "family", "platform_version": "release"}[name]
		return h.(*ruby.Hash).Symbol(key), nil
	case "hostname":
		return r.oneLine("hostname -s")
	case "domain":
		return r.oneLine("dnsdomainname")
	case "fqdn":
		return r.oneLine("hostname -f")
	case "memory":
		return r.parsed("cat /proc/meminfo", memory)
	case "kernel":
		return r.kernel()
	case "cpu":
		return r.parsed("cat /proc/cpuinfo", cpus)
	case "filesystem":
		return r.parsed("df -P", filesystems)
	}
	return nil, &unchecked{"Proofmark has no host_inventory[:" + name + "]"}
}

func (r *run) oneLine(line string) (ruby.Value, error) {
	return r.parsed(line, func(text string) ruby.Value { return ruby.Str(strings.TrimSpace(text)) })
}

func (r *run) parsed(line string, parse func(string) ruby.Value) (ruby.Value, error) {
	c, err := r.world.shell(r.in.Place("inventory"), line, true)
	if err != nil {
		return nil, err
	}
	if c.Exit != 0 {
		return ruby.Nil{}, nil
	}
	return parse(string(c.Stdout)), nil
}

func put(h *ruby.Hash, key, value string) { h.Set(ruby.Str(key), ruby.Str(value)) }

// memoryKeys are the lines of /proc/meminfo by ServerSpec's names.
var memoryKeys = map[string]string{
	"MemTotal": "total", "MemFree": "free", "Buffers": "buffers", "Cached": "cached", "Active": "active", "Inactive": "inactive", "Dirty": "dirty",
	"Writeback": "writeback", "AnonPages": "anon_pages", "Mapped": "mapped", "Slab": "slab", "SReclaimable": "slab_reclaimable", "SUnreclaim": "slab_unreclaim",
	"PageTables": "page_tables", "NFS_Unstable": "nfs_unstable", "Bounce": "bounce", "CommitLimit": "commit_limit", "Committed_AS": "committed_as",
	"VmallocTotal": "vmalloc_total", "VmallocUsed": "vmalloc_used", "VmallocChunk": "vmalloc_chunk", "AnonHugePages": "annon_huge_pages",
	"HugePages_Total": "huge_pages_total", "HugePages_Free": "huge_pages_free", "HugePages_Rsvd": "huge_pages_rsvd", "HugePages_Surp": "huge_pages_surp",
	"Hugepagesize": "huge_page_size",
}

func memory(text string) ruby.Value {
	h, swap := ruby.NewHash(), ruby.NewHash()
	h.Set(ruby.Str("swap"), swap)
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		value := strings.Join(strings.Fields(rest), "")
		if key, ok := strings.CutPrefix(name, "Swap"); ok {
			put(swap, strings.ToLower(key), value)
		} else if key, ok := memoryKeys[name]; ok {
			put(h, key, value)
		}
	}
	return h
}

func (r *run) kernel() (ruby.Value, error) {
	p, err := r.platformOf()
	if err != nil {
		return nil, err
	}
	return r.parsed("uname -s -r", func(text string) ruby.Value {
		h := ruby.NewHash()
		put(h, "machine", p.Arch)
		name, version, ok := strings.Cut(strings.TrimSpace(text), " ")
		numbers := strings.SplitN(version, ".", 3)
		if !ok || len(numbers) < 3 {
			return h
		}
		third := numbers[2]
		end := strings.IndexFunc(third, func(c rune) bool { return c < '0' || c > '9' })
		if end >= 0 {
			third = third[:end]
		}
		major := numbers[0] + "." + numbers[1]
		put(h, "name", name)
		put(h, "release", version)
		put(h, "version", major+"."+third)
		put(h, "version_major", major)
		return h
	})
}

// cpuKeys are the lines of /proc/cpuinfo by ServerSpec's names, where they differ by more
// than blanks.
var cpuKeys = map[string]string{"cpu MHz": "cpu_mhz", "clflush size": "clflush_size"}

func cpus(text string) ruby.Value {
	h := ruby.NewHash()
	n := 0
	var one *ruby.Hash
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok {
			continue
		}
		if name == "processor" {
			one = ruby.NewHash()
			h.Set(ruby.Str(ruby.Int(n).String()), one)
			n++
			continue
		}
		if one == nil {
			continue
		}
		key, ok := cpuKeys[name]
		if !ok {
			key = strings.ReplaceAll(name, " ", "_")
		}
		switch key {
		case "flags":
			var flags []ruby.Value
			for f := range strings.FieldsSeq(value) {
				flags = append(flags, ruby.Str(f))
			}
			one.Set(ruby.Str(key), ruby.NewArray(flags...))
		case "cache_size":
			put(one, key, strings.ReplaceAll(value, " ", ""))
		default:
			put(one, key, value)
		}
	}
	put(h, "total", ruby.Int(n).String())
	return h
}

func filesystems(text string) ruby.Value {
	h := ruby.NewHash()
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 6 || f[0] == "Filesystem" {
			continue
		}
		one := ruby.NewHash()
		put(one, "kb_size", f[1])
		put(one, "kb_used", f[2])
		put(one, "kb_available", f[3])
		put(one, "percent_used", f[4])
		put(one, "mount", f[5])
		h.Set(ruby.Str(f[0]), one)
	}
	return h
}
