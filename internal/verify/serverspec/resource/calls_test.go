package resource

import "slices"

var (
	debian12  = Platform{"debian", "12", "x86_64"}
	redhat9   = Platform{"redhat", "9.3", "x86_64"}
	platforms = []Platform{
		debian12, redhat9, {"debian", "7.1", ""}, {"ubuntu", "22.04", ""}, {"ubuntu", "14.04", ""}, {"ubuntu", "16.04", ""},
		{"redhat", "7.9", ""}, {"redhat", "6.5", ""}, {"redhat", "5.11", ""}, {"fedora", "38", ""}, {"amazon", "2", ""}, {"amazon", "2018.03", ""}, {"amazon", "2022", ""},
		{"suse", "11", ""}, {"sles", "12.3", ""}, {"sles", "11.4", ""}, {"opensuse", "15.4", ""}, {"alpine", "3.18.0", ""}, {"arch", "", ""},
	}
)

func hash(pairs ...Value) Hash {
	var h Hash
	for i := 0; i < len(pairs); i += 2 {
		h = append(h, Pair{pairs[i], pairs[i+1]})
	}
	return h
}

func sym(name string) Value { return Symbol(name) }

type given struct {
	typ    string
	name   Value
	method string
	args   []Value
	option Hash
}

func g(typ string, name Value, method string, args ...Value) given {
	return given{typ: typ, name: name, method: method, args: args}
}

// everyRow has each row of the table, with the arguments that change its command.
func everyRow() []given {
	s := func(text string) Value { return String(text) }
	all := []given{
		g("file", s("/f"), "contain", s("a b"), nil, nil),
		g("file", s("/f"), "contain", Regexp{`^a/b\s+$`, ""}, nil, nil),
		g("file", s("/f"), "contain", s("x"), Regexp{`a/b\/c`, ""}, s("B")),
		g("file", s("/f"), "contain", s("x"), s("A/[/]"), nil),
		g("file", s("/f"), "contain", s("x"), nil, s("B")),
		g("file", s("/f"), "contain", List{s("a\n"), s("b"), s("")}, nil, nil),
		g("file", s("/f"), "mounted?", nil, nil),
		g("file", s("/a b"), "mounted?", hash(sym("type"), s("ext4")), Bool(false)),
		g("file", s("/f"), "content"), g("file", s("/f"), "content_as_json"), g("json_file", s("/f"), "content"),
		g("command", s("c d"), "stdout"), g("command", s("c d"), "stderr"), g("command", s("c d"), "exit_status"), g("command", s("c"), "stdout_as_json"),
		g("service", s("s t"), "enabled?", nil, nil), g("service", s("s"), "enabled?", Int(4), nil),
		g("service", s("s"), "running?", nil),
		g("service", s("s"), "monitored_by?", s("god"), nil), g("service", s("s"), "monitored_by?", s("monit"), s("other")), g("service", s("s"), "monitored_by?", s("eye"), nil),
		g("port", Int(80), "listening?", nil, nil), g("port", s("80"), "listening?", s("TCP"), nil), g("port", Int(80), "listening?", s("sctp"), nil),
		g("port", Int(80), "listening?", s("tcp6"), s("::1")), g("port", Int(80), "listening?", s("udp"), s("0.0.0.0")), g("port", Int(80), "listening?", s("udp6"), s("127.0.0.1")),
		g("port", Int(80), "listening?", nil, s("nowhere")), g("port", Int(80), "listening?", s("tcp"), s("0.0.0.0")),
		g("process", s("p q"), "running?"), g("process", s("p"), "user"), g("process", s("p"), "args"), g("process", s("p"), "count"), g("process", s("p"), "ppid"),
		g("user", s("u"), "exists?"), g("user", s("u"), "belongs_to_group?", s("g")), g("user", s("u"), "belongs_to_primary_group?", s("g h")), g("user", s("u"), "has_uid?", Int(1)),
		g("user", s("u"), "has_home_directory?", s("/h i")), g("user", s("u"), "has_login_shell?", s("/bin/sh")), g("user", s("u"), "has_authorized_key?", s("ssh-rsa AAA=")),
		g("user", s("u"), "has_authorized_key?", s("ssh-rsa AAA= me@host")), g("user", s("u"), "has_authorized_key?", s("a b c d")),
		g("user", s("u"), "uid"), g("user", s("u"), "encrypted_password"), g("user", s("u"), "minimum_days_between_password_change"), g("user", s("u"), "maximum_days_between_password_change"),
		g("group", s("g"), "exists?"), g("group", s("g"), "has_gid?", Int(1)), g("group", s("g"), "gid"),
		g("cron", nil, "has_entry?", nil, s(`* * 1 [a] \x .`)), g("cron", nil, "has_entry?", s("u v"), s("@daily x")), g("cron", nil, "table"),
		g("host", s("h i"), "resolvable?", nil), g("host", s("h"), "resolvable?", s("dns")), g("host", s("h"), "resolvable?", s("hosts")),
		g("host", s("h"), "reachable?", nil, s("tcp"), Int(5)), g("host", s("h"), "reachable?", Int(22), s("tcp"), Int(5)), g("host", s("h"), "reachable?", Int(53), s("udp"), Int(1)),
		g("host", s("h"), "ipaddress"), g("host", s("h"), "ipv4_address"), g("host", s("h"), "ipv6_address"),
		g("interface", s("eth0"), "exists?"), g("interface", s("eth0"), "up?"), g("interface", s("eth0"), "speed"), g("interface", s("eth0"), "mtu"),
		g("interface", s("eth0"), "has_ipv4_address?", s("10.0.0.1")), g("interface", s("eth0"), "has_ipv4_address?", s("10.0.0.1/24")),
		g("interface", s("eth0"), "has_ipv6_address?", s("FE80::1")), g("interface", s("eth0"), "has_ipv6_address?", s("fe80::1/64")),
		g("interface", s("eth0"), "ipv4_address"), g("interface", s("eth0"), "ipv6_address"),
		g("iptables", nil, "has_rule?", s("-P INPUT ACCEPT"), nil, nil), g("iptables", nil, "has_rule?", s("r"), s("nat"), s("A B")),
		g("ip6tables", nil, "has_rule?", s("r"), nil, nil), g("ip6tables", nil, "has_rule?", s("r"), s("nat"), s("C")),
		g("kernel_module", s("m"), "loaded?"), g("linux_kernel_parameter", s("net.x"), "value"),
		g("linux_audit_system", nil, "enabled?"), g("linux_audit_system", nil, "running?"), g("linux_audit_system", nil, "rules"),
		g("selinux", nil, "disabled?"), g("selinux", nil, "enforcing?", nil), g("selinux", nil, "permissive?", s("targeted")), g("selinux", nil, "enforcing?", s("mls")),
		g("selinux_module", s("m"), "installed?", nil), g("selinux_module", s("m"), "installed?", s("1")), g("selinux_module", s("m"), "enabled?"),
		g("yumrepo", s("r"), "exists?"), g("yumrepo", s("r"), "enabled?"), g("ppa", s("ppa:a/b"), "exists?"), g("ppa", s("a/b"), "enabled?"),
		g("fstab", nil, "has_entry?", hash(sym("mount_point"), s("/m"), sym("type"), s("ext4"))), g("fstab", nil, "has_entry?", hash(sym("type"), s("ext4"))),
		g("routing_table", nil, "has_entry?", hash(sym("destination"), s("default"), sym("gateway"), s("10.0.0.1"))),
		g("routing_table", nil, "has_entry?", hash(sym("destination"), s("192.168.1.0/24"))), g("routing_table", nil, "has_entry?", hash(sym("gateway"), s("10.0.0.1"))),
		g("default_gateway", nil, "ipaddress"), g("default_gateway", nil, "interface"),
		g("mail_alias", s("root"), "aliased_to?", s("x@y")), g("mail_alias", s("root"), "aliased_to?", s("|cmd")),
		g("bond", s("b"), "exists?"), g("bond", s("b"), "has_interface?", s("eth0")), g("bridge", s("b"), "exists?"), g("bridge", s("b"), "has_interface?", s("eth0")),
		g("cgroup", s("g"), "cpuset.cpus"),
		g("docker_container", s("c"), "exist?"), g("docker_container", s("c"), "running?"), g("docker_container", s("c"), "has_volume?", s("/a"), s("/b")), g("docker_container", s("c"), "[]", s("State.Running")),
		g("docker_image", s("i"), "exist?"), g("docker_image", s("i"), "inspection"), g("docker_image", s("i"), "[]", s("Mounts.[0].Source")),
		g("zfs", s("p/d x"), "exists?"), g("zfs", s("p/d"), "has_property?", hash(s("compression"), s("off"), s("a"), s("b c"))), g("zfs", s("p/d"), "property"),
		g("lxc", s("b"), "exists?"), g("lxc", s("b"), "running?"), g("kvm", s("g 1"), "exists?"), g("kvm", s("g"), "running?"), g("kvm", s("g"), "enabled?"),
		g("php_extension", s("e"), "loaded?"), g("mysql_config", s("k"), "value"),
		{typ: "php_config", name: s("k"), method: "value", option: hash(sym("ini"), s("/i"))}, g("php_config", s("k"), "value"),
		g("x509_private_key", s("/k"), "valid?"), g("x509_private_key", s("/k"), "encrypted?"), g("x509_private_key", s("/k"), "has_matching_certificate?", s("/c")),
		{typ: "x509_private_key", name: s("/k"), method: "valid?", option: hash(sym("passin"), s("pass:x"))},
		g("x509_certificate", s("/c"), "has_purpose?", s("server")),
	}
	for _, m := range []string{"file?", "exists?", "directory?", "symlink?", "socket?", "pipe?", "block_device?", "character_device?", "immutable?",
		"md5sum", "sha256sum", "mode", "owner", "group", "size", "mtime", "link_target", "selinux_label"} {
		all = append(all, g("file", s("/a b$'\"é\n#~"), m))
	}
	for _, m := range []string{"readable?", "writable?", "executable?"} {
		for _, by := range []string{"", "owner", "group", "others", "nobody"} {
			all = append(all, g("file", s("/f"), m, s(by), nil))
		}
		all = append(all, g("file", s("/f"), m, nil, s("u")))
	}
	for _, v := range []Value{Int(644), s("0644"), s("4755")} {
		all = append(all, g("file", s("/f"), "mode?", v))
	}
	for _, v := range []Value{Int(0), s("0"), s("root"), s("www-data"), s("a b")} {
		all = append(all, g("file", s("/f"), "owned_by?", v), g("file", s("/f"), "grouped_into?", v))
	}
	all = append(all, g("file", s("/f"), "linked_to?", s("/t")), g("file", s("/f"), "linked_to?", s("/t u$")), g("file", s("/f"), "version?", s("1")))
	for _, by := range []Value{nil, s("gem"), s("npm"), s("pip"), s("pip2"), s("pip3"), s("pecl"), s("pear"), s("cpan"), s("rvm"), s("td_agent_gem"), s("apt"), s("rpm"), s("apk"), s("brew")} {
		all = append(all, g("package", s("p q"), "installed?", by, nil), g("package", s("p"), "installed?", by, s("1.2-3+b~1")), g("package", s("p"), "installed?", by, s("1:1 [x]")))
	}
	all = append(all, g("package", s("p"), "version"))
	for _, under := range []string{"init", "systemd", "daemontools", "runit", "supervisor", "upstart", "openrc", "nothing"} {
		all = append(all, g("service", s("s"), "enabled?", nil, s(under)), g("service", s("s"), "running?", s(under)))
	}
	for _, m := range []string{"certificate?", "subject", "issuer", "email", "fingerprint", "alias", "keylength", "valid?", "validity_in_days", "subject_alt_names"} {
		all = append(all, g("x509_certificate", s("/c"), m))
	}
	return all
}

func (x given) on(p Platform, outs ...canned) call {
	return call{on: p, r: Resource{Type: x.typ, Name: x.name, Options: x.option}, method: x.method, args: slices.Clone(x.args), canned: outs}
}
