package serverspec

import (
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// runnerCalls are the methods of Specinfra::Runner: the resource's method that runs the
// same command, as TYPE.METHOD. Their first argument is the resource's name.
var runnerCalls = map[string]string{
	"check_file_is_file": "file.file?", "check_file_exists": "file.exists?", "check_file_is_directory": "file.directory?",
	"check_file_is_socket": "file.socket?", "check_file_is_pipe": "file.pipe?", "check_file_is_symlink": "file.symlink?",
	"check_file_is_block_device": "file.block_device?", "check_file_is_character_device": "file.character_device?",
	"check_file_has_mode": "file.mode?", "check_file_is_owned_by": "file.owned_by?", "check_file_is_grouped": "file.grouped_into?",
	"check_file_is_linked_to": "file.linked_to?", "check_file_is_readable": "file.readable?", "check_file_is_writable": "file.writable?",
	"check_file_is_executable": "file.executable?", "check_file_is_mounted": "file.mounted?", "check_file_is_immutable": "file.immutable?",
	"check_file_contains": "file.contain", "check_file_contains_lines": "file.contain",
	"get_file_content": "file.content", "get_file_md5sum": "file.md5sum", "get_file_sha256sum": "file.sha256sum", "get_file_mode": "file.mode",
	"get_file_owner_user": "file.owner", "get_file_owner_group": "file.group", "get_file_size": "file.size", "get_file_mtime": "file.mtime",
	"get_file_link_target": "file.link_target", "get_file_selinuxlabel": "file.selinux_label",
	"get_package_version":      "package.version",
	"check_service_is_enabled": "service.enabled?", "check_service_is_running": "service.running?",
	"check_user_exists": "user.exists?", "check_user_belongs_to_group": "user.belongs_to_group?",
	"check_user_belongs_to_primary_group": "user.belongs_to_primary_group?", "check_user_has_uid": "user.has_uid?",
	"check_user_has_home_directory": "user.has_home_directory?", "check_user_has_login_shell": "user.has_login_shell?",
	"check_user_has_authorized_key": "user.has_authorized_key?", "get_user_uid": "user.uid", "get_user_encrypted_password": "user.encrypted_password",
	"get_user_minimum_days_between_password_change": "user.minimum_days_between_password_change",
	"get_user_maximum_days_between_password_change": "user.maximum_days_between_password_change",
	"check_group_exists":                            "group.exists?", "check_group_has_gid": "group.has_gid?", "get_group_gid": "group.gid",
	"check_host_is_resolvable": "host.resolvable?", "check_host_is_reachable": "host.reachable?", "get_host_ipaddress": "host.ipaddress",
	"get_host_ipv4_address": "host.ipv4_address", "get_host_ipv6_address": "host.ipv6_address",
	"check_interface_exists": "interface.exists?", "check_interface_has_ipv4_address": "interface.has_ipv4_address?",
	"check_interface_has_ipv6_address": "interface.has_ipv6_address?", "get_interface_speed_of": "interface.speed",
	"get_interface_mtu_of": "interface.mtu", "get_interface_ipv4_address": "interface.ipv4_address", "get_interface_ipv6_address": "interface.ipv6_address",
	"get_interface_link_state": "interface.up?",
	"check_bond_exists":        "bond.exists?", "check_bond_has_interface": "bond.has_interface?",
	"check_bridge_exists": "bridge.exists?", "check_bridge_has_interface": "bridge.has_interface?",
	"check_kernel_module_is_loaded": "kernel_module.loaded?", "check_mail_alias_is_aliased_to": "mail_alias.aliased_to?",
	"check_selinux_module_is_enabled": "selinux_module.enabled?", "check_selinux_module_is_installed": "selinux_module.installed?",
	"check_yumrepo_exists": "yumrepo.exists?", "check_yumrepo_is_enabled": "yumrepo.enabled?",
	"check_ppa_exists": "ppa.exists?", "check_ppa_is_enabled": "ppa.enabled?",
	"check_zfs_exists": "zfs.exists?",
}

// unnamedCalls are those of resources that have no name.
var unnamedCalls = map[string]string{
	"check_cron_has_entry": "cron.has_entry?", "get_cron_table": "cron.table", "check_fstab_has_entry": "fstab.has_entry?",
	"check_routing_table_has_entry": "routing_table.has_entry?", "check_iptables_has_rule": "iptables.has_rule?",
	"check_ip6tables_has_rule": "ip6tables.has_rule?",
}

// prefixedCalls end in what their resource's method has as the argument of that position.
var prefixedCalls = []struct {
	prefix, call string
	at           int
}{
	{"check_package_is_installed_by_", "package.installed?", 0},
	{"check_service_is_enabled_under_", "service.enabled?", 1},
	{"check_service_is_running_under_", "service.running?", 0},
	{"check_service_is_monitored_by_", "service.monitored_by?", 0},
}

// runnerCall finds what a method of Specinfra::Runner asks of which resource.
func runnerCall(name string, args []resource.Value) (thing resource.Resource, call resource.Call, ok bool) {
	of := func(path string, named bool) bool {
		thing.Type, call.Method, _ = strings.Cut(path, ".")
		if named && len(args) == 0 {
			return false
		}
		if named {
			thing.Name, args = args[0], args[1:]
		}
		call.Args = args
		return true
	}
	if path, found := runnerCalls[name]; found {
		return thing, call, of(path, true)
	}
	if path, found := unnamedCalls[name]; found {
		return thing, call, of(path, false)
	}
	for _, p := range prefixedCalls {
		if word, found := strings.CutPrefix(name, p.prefix); found {
			if !of(p.call, true) || p.at > len(call.Args) {
				call.Args = append(call.Args, make([]resource.Value, max(0, p.at-len(call.Args)))...)
			}
			call.Args = slices.Insert(slices.Clone(call.Args), p.at, resource.Value(resource.String(word)))
			return thing, call, thing.Name != nil
		}
	}
	switch name {
	case "check_file_contains_within":
		ok = of("file.contain", true)
		for i := 1; i < len(call.Args) && ok; i++ {
			call.Args[i], ok = address(call.Args[i])
		}
	case "check_package_is_installed":
		ok = of("package.installed?", true)
		call.Args = slices.Insert(slices.Clone(call.Args), 0, resource.Value(nil))
	case "check_port_is_listening":
		ok = of("port.listening?", true)
		if len(call.Args) > 0 {
			options, _ := call.Args[0].(resource.Hash)
			call.Args = []resource.Value{nil, nil}
			for _, p := range options {
				switch p.Key {
				case resource.Symbol("protocol"):
					call.Args[0] = p.Value
				case resource.Symbol("local_address"):
					call.Args[1] = p.Value
				}
			}
		}
	case "check_file_is_accessible_by_user":
		if len(args) != 3 {
			return thing, call, false
		}
		method, known := map[string]string{"r": "readable?", "w": "writable?", "x": "executable?"}[resource.Text(args[2])]
		args = []resource.Value{args[0], nil, args[1]}
		ok = known && of("file."+method, true)
	case "check_selinux_has_mode":
		if len(args) == 0 {
			return thing, call, false
		}
		mode := resource.Text(args[0])
		args = args[1:]
		ok = slices.Contains([]string{"disabled", "enforcing", "permissive"}, mode) && of("selinux."+mode+"?", false)
	case "get_process":
		if len(args) != 2 {
			return thing, call, false
		}
		options, _ := args[1].(resource.Hash)
		for _, p := range options {
			if column, is := strings.CutSuffix(resource.Text(p.Value), "="); is && p.Key == resource.Symbol("format") && column != "count" {
				args = args[:1]
				ok = of("process."+column, true)
				break
			}
		}
	}
	return thing, call, ok
}

// address is a line address of sed, /TEXT/, as the resource has it: TEXT.
func address(v resource.Value) (resource.Value, bool) {
	if v == nil {
		return nil, true
	}
	text, ok := v.(resource.String)
	inner, begun := strings.CutPrefix(string(text), "/")
	inner, ended := strings.CutSuffix(inner, "/")
	return resource.String(inner), ok && begun && ended
}

// runner answers what Specinfra::Runner is asked, by the rows of the resources.
func (r *run) runner(c *ruby.Call) (ruby.Value, error) {
	name := c.NameArg(0)
	if name == "get_default_gateway" && len(c.Args) == 2 {
		method := map[string]string{"gateway": "ipaddress", "interface": "interface"}[c.NameArg(1)]
		host, err := r.host()
		if err != nil || method == "" {
			return ruby.Nil{}, err
		}
		return r.answered(host.Ask(resource.Resource{Type: "default_gateway"}, resource.Call{Method: method}))
	}
	host, thing, call, err := r.runnerCall(name, c.Args[1:])
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(name, "check_"):
		return r.answered(host.Ask(thing, call))
	}
	line, err := r.lineOf(host, name, thing, call)
	if err != nil {
		return nil, err
	}
	return r.runLine(line, true)
}

func (r *run) runnerCall(name string, args []ruby.Value) (*resource.Host, resource.Resource, resource.Call, error) {
	var list []resource.Value
	for _, a := range args {
		v, err := r.toResource(a)
		if err != nil {
			return nil, resource.Resource{}, resource.Call{}, err
		}
		list = append(list, v)
	}
	host, err := r.host()
	if err != nil {
		return nil, resource.Resource{}, resource.Call{}, err
	}
	thing, call, ok := runnerCall(name, list)
	if !ok {
		return nil, thing, call, &unchecked{"Proofmark has no Specinfra::Runner." + name + " with these arguments"}
	}
	return host, thing, call, nil
}

// lineOf is the one command of a call.
func (r *run) lineOf(host *resource.Host, name string, thing resource.Resource, call resource.Call) (string, error) {
	plain := *host
	plain.Strict = false
	lines, raised := plain.Lines(thing, call)
	if raised != nil {
		_, err := r.answered(*raised)
		return "", err
	}
	if len(lines) != 1 {
		return "", &unchecked{"Proofmark has no command of its own for " + name}
	}
	return lines[0], nil
}

// runLine runs a command and gives its CommandResult.
func (r *run) runLine(line string, passive bool) (ruby.Value, error) {
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	r.noteCommands([]string{line})
	out, err := r.world.shellWithin(r.in.Place("Runner"), r.commandLine(line), passive, r.world.timeout(), host.Surroundings())
	if err != nil {
		return nil, err
	}
	out.Stdout = []byte(host.Received(string(out.Stdout)))
	return r.in.NewObject(r.resultClass, out), nil
}

// runCommand is run_command of the runner and of the backend.
func (r *run) runCommand(c *ruby.Call) (ruby.Value, error) {
	words, ok := c.Arg(0).(*ruby.Array)
	if !ok {
		line, err := r.in.ToS(c.Arg(0))
		if err != nil {
			return nil, err
		}
		return r.runLine(line, false)
	}
	var line []string
	for _, w := range words.Elems() {
		word, err := r.in.ToS(w)
		if err != nil {
			return nil, err
		}
		line = append(line, quote(word))
	}
	return r.runLine(strings.Join(line, " "), false)
}

// defineCommands gives specs Specinfra.command, whose get is the text of a command.
func (r *run) defineCommands(specinfra, backend *ruby.Class) {
	class := r.in.DefineClassIn(specinfra, "CommandFactory", r.in.Object)
	factory := r.in.NewObject(class, nil)
	class.Define("get", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		name := c.NameArg(0)
		host, thing, call, err := r.runnerCall(name, c.Args[1:])
		if err != nil {
			return nil, err
		}
		line, err := r.lineOf(host, name, thing, call)
		return ruby.Str(line), err
	})
	self := func(c *ruby.Call) (ruby.Value, error) { return factory, nil }
	specinfra.DefineSingleton("command", 0, 0, self)
	backend.Define("command", 0, 0, self)
	backend.Define("get_config", 1, 1, func(c *ruby.Call) (ruby.Value, error) { return r.setting(c.NameArg(0)), nil })
	backend.Define("set_config", 2, 2, func(c *ruby.Call) (ruby.Value, error) {
		if name := c.NameArg(0); slices.Contains(ofGroups, name) {
			return nil, &unchecked{"set_config of " + name + ": set it with set :" + name}
		}
		return c.Args[1], nil
	})
}
