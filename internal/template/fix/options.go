package fix

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// text returns a member's string.
func text(n *json.Node, name string) (string, bool) {
	v := n.Get(name)
	if v == nil || v.Kind != json.String {
		return "", false
	}
	return v.Text, true
}

// isoMD5 turns iso_md5 into iso_checksum; a type beside it has nothing more to say.
func isoMD5(f *fixer, n *json.Node) {
	sum, ok := text(n, "iso_md5")
	if !ok {
		return
	}
	cut(n, "iso_checksum")
	cut(n, "iso_checksum_type")
	m := &n.Members[find(n, "iso_md5")]
	m.Name = "iso_checksum"
	become(m.Value, json.String, "md5:"+sum)
	f.changed(m.Off, `"iso_checksum": "md5:…"`, `option "iso_md5" is now part of "iso_checksum"`)
}

// isoChecksum joins iso_checksum, iso_checksum_type and iso_checksum_url.
func isoChecksum(f *fixer, n *json.Node) {
	url, hasURL := text(n, "iso_checksum_url")
	kind, hasKind := text(n, "iso_checksum_type")
	sum, hasSum := text(n, "iso_checksum")
	if !hasURL && !hasKind {
		return
	}
	off := 0
	for _, name := range []string{"iso_checksum_url", "iso_checksum_type"} {
		if i := find(n, name); i >= 0 {
			off = n.Members[i].Off
		}
	}
	now := sum
	switch {
	case hasURL && url != "":
		now = "file:" + url
	case strings.EqualFold(kind, "none"):
		now = "none"
	case hasSum && kind != "":
		now = kind + ":" + sum
	}
	// The joined value takes the place of the first of the three.
	for _, name := range []string{"iso_checksum", "iso_checksum_type", "iso_checksum_url"} {
		i := find(n, name)
		switch {
		case i < 0:
		case now == "":
			cut(n, name)
		case find(n, "iso_checksum") == i || find(n, "iso_checksum") < 0:
			n.Members[i].Name = "iso_checksum"
			become(n.Members[i].Value, json.String, now)
		default:
			cut(n, name)
		}
	}
	f.changed(off, `"iso_checksum": `+strconv.Quote(now), `the type and the URL of a checksum are now part of "iso_checksum"`)
}

var createTimeField = regexp.MustCompile(`\{\{\s*\.CreateTime\s*\}\}`)

func createTime(f *fixer, n *json.Node) {
	for _, m := range n.Members {
		if m.Value.Kind == json.String && createTimeField.MatchString(m.Value.Text) {
			become(m.Value, json.String, createTimeField.ReplaceAllString(m.Value.Text, "{{timestamp}}"))
			f.changed(m.Value.Off, "{{timestamp}}", "{{.CreateTime}} is now {{timestamp}}")
		}
	}
}

var cleanCall = regexp.MustCompile(`\bclean_(?:ami|image)_name\b`)

// cleanName renames the functions in strings, and in those of maps.
func cleanName(f *fixer, n *json.Node) {
	for _, m := range n.Members {
		v := m.Value
		switch v.Kind {
		case json.String:
			if old := cleanCall.FindString(v.Text); old != "" && strings.Contains(v.Text, "{{") {
				become(v, json.String, cleanCall.ReplaceAllString(v.Text, "clean_resource_name"))
				f.changed(v.Off, "clean_resource_name", "function %s is now clean_resource_name", old)
			}
		case json.Object:
			cleanName(f, v)
		}
	}
}

func guestAdditions(f *fixer, n *json.Node) {
	i := find(n, "guest_additions_attach")
	if i < 0 || n.Members[i].Value.Kind != json.Bool {
		return
	}
	cut(n, "guest_additions_mode")
	m := &n.Members[find(n, "guest_additions_attach")]
	mode := "upload"
	if m.Value.Text == "true" {
		mode = "attach"
	}
	m.Name = "guest_additions_mode"
	become(m.Value, json.String, mode)
	f.changed(m.Off, `"guest_additions_mode": "`+mode+`"`, `option "guest_additions_attach" is now "guest_additions_mode"`)
}

func privateIP(f *fixer, n *json.Node) {
	i := find(n, "ssh_private_ip")
	if i < 0 || find(n, "ssh_interface") >= 0 {
		return
	}
	m := &n.Members[i]
	private, err := strconv.ParseBool(m.Value.Text)
	if err != nil || m.Value.Kind != json.Bool && m.Value.Kind != json.String {
		return // a variable: what it will be is not known here
	}
	now := "public_ip"
	if private {
		now = "private_ip"
	}
	m.Name = "ssh_interface"
	become(m.Value, json.String, now)
	f.changed(m.Off, `"ssh_interface": "`+now+`"`, `option "ssh_private_ip" is now "ssh_interface"`)
}

func sourceCIDR(f *fixer, n *json.Node) {
	const old, name = "temporary_security_group_source_cidr", "temporary_security_group_source_cidrs"
	cidr, ok := text(n, old)
	if !ok {
		return
	}
	cut(n, name)
	m := &n.Members[find(n, old)]
	m.Name = name
	become(m.Value, json.Array, "", made(m.Value.Off, json.String, cidr))
	f.changed(m.Off, name, "option %q is now %q, a list", old, name)
}

// diskSize gives a number of megabytes its unit.
func diskSize(f *fixer, n *json.Node) {
	v := n.Get("disk_size")
	if v == nil || v.Kind != json.Number {
		return
	}
	size, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || size < 0 || size > 1<<53 {
		return
	}
	now := strconv.FormatInt(int64(size), 10) + "M"
	become(v, json.String, now)
	f.changed(v.Off, `"`+now+`"`, `option "disk_size" is now a string with a unit`)
}

func excludeFromLatest(f *fixer, n *json.Node) {
	for _, m := range n.Members {
		if strings.HasPrefix(m.Name, "shared_image") && m.Value.Kind == json.Object {
			f.rename(m.Value, "exlude_from_latest", "exclude_from_latest", oldWins)
		}
	}
}
