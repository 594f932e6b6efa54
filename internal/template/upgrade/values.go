package upgrade

import (
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template/json"
)

// escape writes plain text within the quotes of an HCL2 string.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteString(string(r) + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func quote(s string) string { return `"` + escape(s) + `"` }

// text writes a string with its placeholders.
func (u *upgrader) text(s string) string {
	pieces := split(s)
	if len(pieces) == 1 && u.userCall(pieces[0]) != "" {
		return u.userCall(pieces[0])
	}
	return `"` + u.inner(s) + `"`
}

// value writes a value as an expression.
func (u *upgrader) value(n *json.Node) string {
	switch n.Kind {
	case json.Null:
		return "null"
	case json.String:
		return u.text(n.Text)
	case json.Array:
		var out []string
		for _, e := range n.Elems {
			out = append(out, u.value(e))
		}
		if one := "[" + strings.Join(out, ", ") + "]"; len(one) <= 100 {
			return one
		}
		return "[\n" + strings.Join(out, ",\n") + ",\n]"
	case json.Object:
		if len(n.Members) == 0 {
			return "{}"
		}
		var b strings.Builder
		b.WriteString("{\n")
		for _, m := range n.Members {
			key := m.Name
			if identifier(key) != key || reserved(key) {
				key = quote(key)
			}
			b.WriteString(key + " = " + u.value(m.Value) + "\n")
		}
		b.WriteString("}")
		return b.String()
	}
	return n.Text
}

// reserved tells of words that are something else than a name as a key.
func reserved(key string) bool {
	return slices.Contains([]string{"for", "null", "true", "false", "if", "in"}, key)
}

// body writes the options of a component, without some.
func (u *upgrader) body(kind, typ string, n *json.Node, without ...string) {
	for _, m := range n.Members {
		switch {
		case slices.Contains(without, m.Name):
		case strings.HasPrefix(m.Name, "_") || identifier(m.Name) != m.Name:
			u.note(m.Off, "it is left out", "option %q has no name that HCL2 takes", m.Name)
		default:
			u.option(kind, typ, m)
		}
	}
}

func (u *upgrader) option(kind, typ string, m json.Member) {
	v := m.Value
	switch {
	case v.Kind == json.Array && len(v.Elems) > 0 && !slices.ContainsFunc(v.Elems, notObject):
		for _, e := range v.Elems {
			u.block(kind, typ, m.Name, e)
		}
	case v.Kind == json.Object && u.isBlock(kind, typ, m.Name):
		u.block(kind, typ, m.Name, v)
	case v.Kind == json.String && u.isList(kind, typ, m.Name):
		u.printf("%s = %s\n", m.Name, u.splitList(v.Text))
	default:
		u.printf("%s = %s\n", m.Name, u.value(v))
	}
}

func notObject(n *json.Node) bool { return n.Kind != json.Object }

func (u *upgrader) block(kind, typ, name string, n *json.Node) {
	u.printf("%s {\n", name)
	u.body(kind, typ+"."+name, n)
	u.printf("}\n")
}

// splitList makes a list of a string that is one in JSON alone.
func (u *upgrader) splitList(s string) string {
	switch {
	case strings.Contains(s, "{{"):
		return "compact(split(\",\", " + u.text(s) + "))"
	case s == "":
		return "[]"
	}
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		out = append(out, quote(part))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (u *upgrader) isBlock(kind, typ, name string) bool {
	if u.opt.IsBlock != nil {
		if is, known := u.opt.IsBlock(kind, typ, name); known {
			return is
		}
	}
	return slices.Contains(blocks, name)
}

func (u *upgrader) isList(kind, typ, name string) bool {
	if u.opt.IsList != nil {
		if is, known := u.opt.IsList(kind, typ, name); known {
			return is
		}
	}
	return slices.Contains(lists, name)
}

// blocks are the options of known components that are single blocks.
var blocks = []string{
	"assume_role", "aws_polling", "metadata_options", "output", "placement", "pvc", "root_device", "ami_root_device",
	"security_group_filter", "shared_gallery", "shared_image_destination", "shared_image_gallery",
	"shared_image_gallery_destination", "source_ami_filter", "source_image_filter", "spot_instance_filter", "subnet_filter",
	"temporary_iam_instance_profile_policy_document", "vault_aws_engine", "vpc_filter", "content_library_destination",
	"export", "linked_clone_options", "efi_config", "cloud_init", "customize",
}

// lists are the options of known components that are lists, for which JSON takes a
// string with commas too.
var lists = []string{
	"environment_vars", "inline", "scripts", "valid_exit_codes", "iso_urls", "boot_command", "floppy_files", "cd_files",
	"security_group_ids", "ami_regions", "ami_users", "ami_groups", "snapshot_users", "run_list", "cookbook_paths",
	"extra_arguments", "manifest_dirs", "module_paths", "role_paths", "playbook_files", "groups", "tags", "changes",
	"run_command", "floppy_dirs",
}

func textOf(n *json.Node) string {
	if n == nil || n.Kind != json.String {
		return ""
	}
	return n.Text
}

func objects(n *json.Node) []*json.Node {
	var out []*json.Node
	for _, e := range asList(n) {
		if e.Kind == json.Object {
			out = append(out, e)
		}
	}
	return out
}

func asList(n *json.Node) []*json.Node {
	if n == nil || n.Kind != json.Array {
		return nil
	}
	return n.Elems
}
