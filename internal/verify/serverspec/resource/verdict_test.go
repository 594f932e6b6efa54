package resource

import (
	"os"
	"testing"
)

const (
	mountText = "/dev/sda1 on /f type ext4 (rw,relatime,errors=remount-ro,data=ordered,mode=755,commit=)\n"
	fstabText = "UUID=1 /m ext4 rw,noatime,commit=30 1 2\n"
	routeText = "default via 10.0.0.1 dev eth0 proto dhcp \n"
	ecmpText  = "default proto static \n\tnexthop via 10.0.0.1  dev eth0 weight 1 \n\tnexthop via 10.0.0.2  dev eth1 weight 1 \n"
	twoRoutes = "default via 10.0.0.1 dev eth0 proto dhcp metric 100 \ndefault via 10.0.0.2 dev wlan0 proto dhcp \n"
	auditNew  = "enabled 1\nfailure 1\npid 640\nrate_limit 0\n"
	auditOld  = "AUDIT_STATUS: enabled=0 flag=1 pid=0 rate_limit=0\n"
	monitText = "The Monit daemon 5.4\n\nProcess 'other'\n  status                            Running\n  monitoring status                 Monitored\n\nProcess 's'\n  status  Running\n  monitoring status  Not monitored\n"
	docker    = `[{"Id":"x","State":{"Running":true,"Restarting":false,"Pid":3.5},"Mounts":[{"Source":"/b","Destination":"/a"}],"Volumes":null}]`
	dockerOld = `[{"State":{"Running":true,"Restarting":true},"Volumes":{"/a":"/b"}}]`
	datesText = "notBefore=Jan  2 03:04:05 2020 GMT\nnotAfter=Dec 31 23:59:59 2090 GMT\n"
	expired   = "notBefore=Jan  2 03:04:05 2020 GMT\nnotAfter=Feb  3 04:05:06 2021 GMT\n"
	certText  = "    Data:\n        X509v3 extensions:\n            X509v3 Subject Alternative Name: \n                DNS:*.a.example, IP Address:192.0.2.1,  DNS:b\n            X509v3 Key Usage:\n"
)

// TestVerdictsAreServerSpecs holds what is made of outputs against the real ServerSpec.
func TestVerdictsAreServerSpecs(t *testing.T) {
	t.Parallel()
	s := func(text string) Value { return String(text) }
	out := func(texts ...string) []canned {
		var all []canned
		for _, text := range texts {
			all = append(all, canned{Stdout: text})
		}
		return all
	}
	entry := func(pairs ...Value) []Value { return []Value{hash(pairs...)} }
	tests := []struct {
		given
		outs [][]canned
	}{}
	add := func(x given, outs ...[]canned) {
		tests = append(tests, struct {
			given
			outs [][]canned
		}{x, outs})
	}
	for _, m := range []string{"readable?", "writable?", "executable?"} {
		for _, by := range []Value{nil, s("owner"), s("group"), s("others"), s("x")} {
			add(g("file", s("/f"), m, by, nil), out("644\n"), out("4755\n"), out("0\n"), out("7\n"), out("70\n"), out("1777\n"), out(""), out("2111\n"))
		}
	}
	texts := [][]canned{out(""), out("a\n"), out("  a b \n\n"), out("12\n"), out("-5\n"), out("1 2\n"), out("007\n"), out("12x\n"), out("\x00\xff\n"), {{"5\n", 1}}}
	for _, m := range []string{"content", "md5sum", "sha256sum", "mode", "owner", "group", "size", "link_target", "selinux_label"} {
		add(g("file", s("/f"), m), texts...)
	}
	add(g("file", s("/f"), "mtime"), out("1700000000\n"), out("0\n"))
	for _, x := range []given{g("process", s("p"), "running?"), g("process", s("p"), "user"), g("process", s("p"), "count"), g("user", s("u"), "uid"), g("group", s("g"), "gid"),
		g("user", s("u"), "encrypted_password"), g("user", s("u"), "minimum_days_between_password_change"), g("linux_kernel_parameter", s("k"), "value"), g("php_config", s("k"), "value"),
		g("interface", s("i"), "mtu"), g("interface", s("i"), "up?"), g("host", s("h"), "ipaddress"), g("cgroup", s("g"), "cpu.shares"), g("cron", nil, "table"),
		g("command", s("c"), "stdout"), g("command", s("c"), "exit_status"), g("x509_certificate", s("c"), "email"), g("linux_audit_system", nil, "rules")} {
		add(x, append(texts, out("up\n"), out("99999999999\n"))...)
	}
	jsons := [][]canned{out(`{"a":[1,2.0,null,true,"x",{"b":{}}],"a":2}`), out("[]"), out(`"text"`), out("{"), out(""), out(`{"a":1} x`)}
	add(g("file", s("/f"), "content_as_json"), jsons[:2]...)
	add(g("command", s("c"), "stdout_as_json"), jsons[:2]...)
	for _, h := range []Hash{nil, hash(sym("type"), s("ext4")), hash(sym("device"), s("/dev/sda1"), sym("options"), hash(sym("rw"), Bool(true), sym("mode"), Int(755))),
		hash(sym("type"), s("xfs")), hash(s("type"), s("ext4")), hash(sym("ro"), Bool(true)), hash(sym("ro"), nil), hash(sym("data"), s("ordered")), hash(sym("mode"), s("755")), hash(sym("commit"), Bool(true)),
		hash(sym("device"), s("/dev/sda1"), sym("type"), s("ext4"), sym("options"), hash(sym("rw"), Bool(true), sym("relatime"), Bool(true), sym("errors"), s("remount-ro"), sym("data"), s("ordered"), sym("mode"), Int(755), sym("commit"), Bool(true)))} {
		for _, exactly := range []Value{Bool(false), Bool(true)} {
			v := Value(h)
			if h == nil {
				v = nil
			}
			add(g("file", s("/f"), "mounted?", v, exactly), out(mountText), out(mountText+"b on /f type tmpfs (rw)\n"), out("x\n"), []canned{{mountText, 1}})
		}
	}
	for _, e := range [][]Value{entry(sym("mount_point"), s("/m")), entry(sym("mount_point"), s("/m"), sym("device"), s("UUID=1"), sym("pass"), Int(2)), entry(sym("mount_point"), s("/m"), sym("pass"), s("2")),
		entry(sym("mount_point"), s("/m"), sym("options"), hash(sym("rw"), Bool(true), sym("commit"), Int(30))), entry(sym("mount_point"), s("/m"), sym("ro"), Bool(true)), entry(s("mount_point"), s("/m"))} {
		add(g("fstab", nil, "has_entry?", e...), out(fstabText), out("a /m ext4 defaults\n"), out("a /m ext4\n"), []canned{{"", 1}})
	}
	for _, e := range [][]Value{entry(sym("destination"), s("default")), entry(sym("destination"), s("default"), sym("gateway"), s("10.0.0.1")), entry(sym("destination"), s("default"), sym("interface"), s("eth1")),
		entry(sym("destination"), s("default"), sym("gateway"), s("10.0.0.2"), sym("interface"), s("eth1")), entry(sym("destination"), s("192.168.1.0/24"), sym("interface"), s("eth0"))} {
		add(g("routing_table", nil, "has_entry?", e...), out(routeText), out(ecmpText), out(twoRoutes), out("192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.5 \n"), out("unreachable default \n"), out(""), []canned{{"x", 1}})
	}
	for _, m := range []string{"ipaddress", "interface"} {
		add(g("default_gateway", nil, m), out(routeText), out(ecmpText), out(twoRoutes), out("default dev tun0 scope link \n"), out("default dev tun0 scope link \ndefault via 10.0.0.9 dev eth0 \n"), out(""), []canned{{"", 2}})
	}
	for _, m := range []string{"enabled?", "running?"} {
		add(g("linux_audit_system", nil, m), out(auditNew), out(auditOld), out("pid 0\nenabled 2\n"))
	}
	add(g("service", s("s"), "running?", nil), []canned{{"active\n", 0}}, []canned{{"inactive\n", 3}}, []canned{{"", 1}, {"", 0}}, []canned{{"", 1}, {"", 1}},
		[]canned{{"s stop/waiting\n", 0}}, []canned{{"s stopped/waiting\n", 1}, {"", 0}}, []canned{{"", 4}})
	for _, name := range []string{"s", "other", "none"} {
		add(g("service", s(name), "monitored_by?", s("monit"), nil), out(monitText), []canned{{monitText, 1}}, out("Process 's'\n"))
	}
	add(g("package", s("p"), "version"), out("1.2-3"), out("2:1.0~rc1+b\n"), out(""), out("not a version"), out("1.2-31.2-4"))
	for _, x := range []given{g("docker_container", s("c"), "exist?"), g("docker_container", s("c"), "running?"), g("docker_container", s("c"), "has_volume?", s("/a"), s("/b")),
		g("docker_container", s("c"), "has_volume?", s("/a"), s("/c")), g("docker_image", s("c"), "inspection"), g("docker_image", s("c"), "[]", s("State.Running")), g("docker_image", s("c"), "[]", s("Mounts.[0].Source")),
		g("docker_image", s("c"), "[]", s("Mounts.[-1].Source")), g("docker_image", s("c"), "[]", s("Mounts.[7]")), g("docker_image", s("c"), "[]", s("No.Such"))} {
		add(x, out(docker), out(dockerOld))
	}
	for _, m := range []string{"subject", "issuer"} {
		add(g("x509_certificate", s("/c"), m), out("subject=CN = a, O = b\n"), out("issuer= /C=x/CN=a=b\n"), out("subject= /C=x/CN=a=b\n"), out(""))
	}
	add(g("x509_certificate", s("/c"), "keylength"), out("                Public-Key: (2048 bit)\n"), out("RSA Public Key: (512 bit)\n"), out(""))
	add(g("x509_certificate", s("/c"), "valid?"), out(datesText), out(expired), []canned{{datesText, 1}})
	add(g("x509_certificate", s("/c"), "validity_in_days"), []canned{{datesText, 1}})
	add(g("x509_certificate", s("/c"), "subject_alt_names"), out(certText), out("no such\n"))
	add(g("x509_private_key", s("/k"), "valid?"), out("RSA key ok\n"), out("RSA key error\n"), []canned{{"RSA key ok\n", 1}})
	add(given{typ: "x509_private_key", name: s("/k"), method: "valid?", option: hash(sym("passin"), s("pass:x"))}, out("RSA key ok\n"), []canned{{"RSA key ok\n", 0}, {"", 1}})
	add(g("x509_private_key", s("/k"), "has_matching_certificate?", s("/c")), out("Modulus=1\n", "Modulus=1\n"), out("Modulus=1\n", "Modulus=2\n"), []canned{{"", 0}, {"", 1}}, []canned{{"", 1}, {"", 0}})
	add(g("mysql_config", s("port"), "value"), out("port      3306\nport-open-timeout 0\n"), out("port      a b\n"), out(""), out("no match\n"))
	read := func(name string) []canned {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Skip("needs", name)
		}
		return out(string(text))
	}
	inv := func(key string) given { return g("host_inventory", nil, key) }
	add(inv("memory"), read("/proc/meminfo"), out("MemTotal:  1 kB\nHugePages_Free:   0\nSwapTotal: 5 kB\nMemFree: x\n"), []canned{{"", 1}})
	add(inv("cpu"), read("/proc/cpuinfo"), out("processor\t: 0\nmodel\t\t: 1\nmodel name\t: A B\ncache size\t: 512 KB\nflags\t\t: a b\npower management:\n\nprocessor\t: 1\nmodel\t\t: x\n\n"))
	add(inv("filesystem"), out("Filesystem     1024-blocks      Used Available Capacity Mounted on\n/dev/sda1  100 50 50 50% /\ntmpfs 1 0 1 0% /a b\nodd\n"))
	add(inv("mount"), read("/proc/mounts"), out("a b c d 0 0\nodd\n"))
	add(inv("user"), out("root:x:0:0:root:/root:/bin/bash\nshort:x:1\nlast:x:1:1:::\n"))
	add(inv("group"), out("root:x:0:\nadm:x:4:syslog,me\n"))
	add(inv("block_device"), out("/sys/block/sda/size\t10\n/sys/block/sda/device/model\tA B \n/sys/block/sda/queue/rotational\t0\n/sys/block/vda/removable\t\n"))
	add(inv("hostname"), out(" h \n"), []canned{{"h", 1}})
	add(inv("fqdn"), out("h.d\n"))
	add(inv("domain"), out("\n"))
	add(inv("kernel"), out("Linux 6.1.0-1-amd64\n"), []canned{{"", 1}})
	add(inv("virtualization"), out(""), []canned{{"", 1}, {"", 0}}, []canned{{"", 1}, {"", 1}, {"KVM\n", 0}}, []canned{{"", 1}, {"", 1}, {"X\n", 0}}, []canned{{"", 1}, {"", 1}, {"", 1}, {"oracle\n", 0}},
		[]canned{{"", 1}, {"", 1}, {"", 1}, {"none\n", 1}}, []canned{{"", 1}, {"", 1}, {"", 1}, {"xen\n", 0}})
	var calls []call
	for _, tt := range tests {
		for _, p := range []Platform{debian12, redhat9} {
			for _, outs := range tt.outs {
				calls = append(calls, tt.on(p, outs...))
			}
		}
	}
	compare(t, calls)
}
