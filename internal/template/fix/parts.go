package fix

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// compaction keeps VMware from compacting disks of types that cannot be.
func compaction(f *fixer, n *json.Node) {
	remote, _ := text(n, "remote_type")
	if remote != "esx5" {
		return
	}
	disk, given := text(n, "disk_type_id")
	if !given && n.Get("disk_type_id") != nil || given && disk == "thin" {
		return
	}
	off := n.Off
	if !given {
		disk = "zeroedthick"
		add(n, off, "disk_type_id", made(off, json.String, disk))
	}
	if v := n.Get("skip_compaction"); v == nil {
		add(n, off, "skip_compaction", made(off, json.Bool, "true"))
	} else if v.Kind == json.Bool && v.Text == "false" {
		become(v, json.Bool, "true")
	} else if given {
		return
	}
	f.changed(off, `"skip_compaction": true`, "disks of type %q on ESXi cannot be compacted", disk)
}

// vsphereParts moves the options of the one network card and disk into lists.
func vsphereParts(f *fixer, n *json.Node) {
	for _, p := range []struct {
		into  string
		names []string
	}{
		{"network_adapters", []string{"network", "network_card"}},
		{"storage", []string{"disk_size", "disk_thin_provisioned", "disk_eagerly_scrub"}},
	} {
		var first *json.Node
		for _, name := range p.names {
			m, ok := cut(n, name)
			if !ok {
				continue
			}
			if first == nil {
				first = made(m.Off, json.Object, "")
			}
			f.changed(m.Off, p.into, "option %q is now part of %q", name, p.into)
			first.Members = append(first.Members, json.Member{Name: name, Off: m.Off, Value: m.Value, Fresh: true})
		}
		if first == nil {
			continue
		}
		list := n.Get(p.into)
		if list == nil || list.Kind != json.Array {
			cut(n, p.into)
			list = made(first.Off, json.Array, "")
			add(n, first.Off, p.into, list)
		}
		list.Elems = append([]*json.Node{first}, list.Elems...)
	}
}

var unescape = strings.NewReplacer("`$", "$", "`\"", "\"", "``", "`", "`'", "'")

// powershellEscapes takes the escapes out of what is escaped by itself today.
func powershellEscapes(f *fixer, n *json.Node) {
	plain := func(v *json.Node, name string) {
		if v == nil || v.Kind != json.String {
			return
		}
		if now := unescape.Replace(v.Text); now != v.Text {
			become(v, json.String, now)
			f.changed(v.Off, "it without backticks", "option %q takes no escapes", name)
		}
	}
	plain(n.Get("elevated_user"), "elevated_user")
	plain(n.Get("elevated_password"), "elevated_password")
	if vars := n.Get("environment_vars"); vars != nil {
		for _, v := range vars.Elems {
			plain(v, "environment_vars")
		}
	}
}

// vagrantOverride moves the options of single providers into override.
func vagrantOverride(f *fixer, n *json.Node) {
	var over *json.Node
	for _, provider := range []string{"aws", "digitalocean", "virtualbox", "vmware"} {
		m, ok := cut(n, provider)
		if !ok {
			continue
		}
		if over == nil {
			over = made(m.Off, json.Object, "")
		}
		over.Members = append(over.Members, json.Member{Name: provider, Off: m.Off, Value: m.Value, Fresh: true})
		f.changed(m.Off, "override", "option %q is now part of \"override\"", provider)
	}
	if over == nil {
		return
	}
	if old := n.Get("override"); old != nil && old.Kind == json.Object {
		for _, m := range over.Members {
			cut(old, m.Name)
			old.Members = append(old.Members, m)
		}
		return
	}
	add(n, over.Off, "override", over)
}

// dockerTags makes a list of tag and joins it with tags.
func dockerTags(f *fixer, n *json.Node) {
	i := find(n, "tag")
	if i < 0 {
		return
	}
	m := n.Members[i]
	var tags []*json.Node
	switch m.Value.Kind {
	case json.String:
		for t := range strings.SplitSeq(m.Value.Text, ",") {
			tags = append(tags, made(m.Value.Off, json.String, strings.TrimSpace(t)))
		}
	case json.Array:
		tags = m.Value.Elems
	default:
		return
	}
	f.changed(m.Off, "tags", `option "tag" is now "tags"`)
	if list := n.Get("tags"); list != nil && list.Kind == json.Array {
		cut(n, "tag")
		list.Elems = append(tags, list.Elems...)
		for _, t := range tags {
			t.Fresh = true
		}
		return
	}
	cut(n, "tags")
	at := &n.Members[find(n, "tag")]
	at.Name = "tags"
	if m.Value.Kind == json.String {
		become(at.Value, json.Array, "", tags...)
	}
}
