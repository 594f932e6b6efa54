package machine

import "slices"

// SealRules returns the rules that every image is sealed by, in the order in
// which they are applied, without those whose names are in keep. Names that no
// rule has are not an error here; SealRuleNames tells them.
func SealRules(keep []string) []SealRule {
	return slices.DeleteFunc(allSealRules(), func(r SealRule) bool { return slices.Contains(keep, r.Name) })
}

// SealRuleNames returns the names that keep may hold, each once.
func SealRuleNames() []string {
	var names []string
	for _, r := range allSealRules() {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

// allSealRules is the list. One name may have several entries, with different
// actions.
func allSealRules() []SealRule {
	return slices.Concat(identity(), secrets(), planted(), history(), caches())
}

// identity is what tells one machine from another: two machines started from one
// image must not share it.
func identity() []SealRule {
	return []SealRule{
		{Name: "machine-id", Do: Truncate, Why: "An empty file is filled at the first boot. The word \"uninitialized\" would also make " +
			"systemd apply its presets then, and so enable what a template disabled.",
			Paths: []string{"/etc/machine-id"}},
		{Name: "machine-id", Do: Remove, Why: "D-Bus makes its own from /etc/machine-id; an old copy would win.",
			Paths: []string{"/var/lib/dbus/machine-id"}},
		{Name: "ssh-host-keys", Do: Remove, Why: "Whoever has the image could pose as every machine made from it.",
			Paths: []string{
				"/etc/ssh/ssh_host_*", "/etc/dropbear/dropbear_*_host_key", "/etc/dropbear-initramfs/dropbear_*_host_key",
			}, Again: hostKeys()},
		{Name: "random-seed", Do: Remove, Why: "Machines that start from the same seed draw the same random numbers early on.",
			Paths: []string{
				"/var/lib/systemd/random-seed", "/var/lib/urandom/random-seed", "/var/lib/random-seed",
				"/boot/loader/random-seed", "/boot/efi/loader/random-seed", "/efi/loader/random-seed",
			}},
		{Name: "dhcp-leases", Do: Remove, Why: "A lease binds an address, and the client's id, to the machine that asked for it.",
			Paths: []string{
				"/var/lib/dhcp/*.lease*", "/var/lib/dhclient/*.lease*", "/var/lib/dhcp3/*.lease*",
				"/var/lib/dhcpcd/**", "/var/lib/dhcpcd5/**", "/var/db/dhcpcd/**", "/etc/dhcpcd.duid", "/etc/dhcpcd.secret",
				"/var/lib/NetworkManager/*.lease", "/var/lib/NetworkManager/secret_key", "/var/lib/NetworkManager/timestamps",
				"/var/lib/NetworkManager/seen-bssids", "/var/lib/systemd/network/**",
			}},
		{Name: "udev-net-rules", Do: Remove, Why: "They bind interface names to the hardware addresses of the machine that built.",
			Paths: []string{
				"/etc/udev/rules.d/70-persistent-net.rules", "/etc/udev/rules.d/70-persistent-cd.rules",
			}},
		{Name: "cloud-init", Do: Remove, Why: "With it cloud-init takes a new machine for the one it has already set up. Seeds and " +
			"scripts of the template's own stay.",
			Paths: []string{
				"/var/lib/cloud/instance", "/var/lib/cloud/instances/**", "/var/lib/cloud/data/**", "/var/lib/cloud/sem/**",
				"/var/log/cloud-init*.log", "/etc/netplan/50-cloud-init.yaml", "/etc/network/interfaces.d/50-cloud-init*",
			}},
	}
}

// secrets are keys that nobody outside of the machine may have.
func secrets() []SealRule {
	return []SealRule{
		{Name: "credential-secret", Do: Remove, Why: "It decrypts every service credential that is sealed to the machine.",
			Paths: []string{"/var/lib/systemd/credential.secret"}},
		{Name: "temporary-keys", Do: DropLines, Why: "The build's way in would stay open.",
			Marker: Marker, Paths: []string{
				"/root/.ssh/authorized_keys", "/root/.ssh/authorized_keys2",
				"/home/*/.ssh/authorized_keys", "/home/*/.ssh/authorized_keys2",
			}},
		{Name: "crash-dumps", Do: Remove, Why: "The memory of programs that crashed holds whatever they held.",
			Paths: []string{"/var/crash/**", "/var/lib/systemd/coredump/**"}},
	}
}

// planted is what a build puts into a machine for its own purposes.
func planted() []SealRule {
	return []SealRule{
		{Name: "build-policy", Do: RemoveMarked, Why: "Services would never start again after a package is installed; apt would go on asking a " +
			"proxy that is not there.",
			Marker: Marker, Paths: []string{
				"/usr/sbin/policy-rc.d", "/etc/apt/apt.conf.d/*", "/etc/dpkg/dpkg.cfg.d/*", "/etc/sudoers.d/*",
				"/etc/profile.d/*", "/etc/systemd/system/*", "/etc/systemd/system/*/*", "/etc/systemd/network/*",
			}},
		{Name: "build-policy", Do: DropLines, Why: "Names and proxies of the place where it was built mean nothing elsewhere.",
			Marker: Marker, Paths: []string{"/etc/hosts", "/etc/environment"}},
		{Name: "resolver", Do: RemoveMarked, Why: "The name servers of the machine that built are no business of the image. A link, such as the " +
			"one to systemd-resolved's file, and a file that the template wrote do not carry the " +
			"mark, so they stay.",
			Marker: Marker, Paths: []string{"/etc/resolv.conf", "/var/spool/postfix/etc/resolv.conf"}},
	}
}

// history is what was done and said while the image was built: it may hold
// passwords, and tells about the place where it was built.
func history() []SealRule {
	var shells []string
	for _, home := range []string{"/root/", "/home/*/"} {
		for _, f := range []string{
			".bash_history", ".sh_history", ".zsh_history", ".ash_history", ".python_history", ".node_repl_history",
			".mysql_history", ".psql_history", ".sqlite_history", ".rediscli_history", ".lesshst", ".viminfo", ".wget-hsts",
			".local/share/fish/fish_history", ".local/state/lesshst",
		} {
			shells = append(shells, home+f)
		}
	}
	return []SealRule{
		{Name: "shell-history", Do: Remove, Why: "It holds commands typed or fed to a shell, with the passwords in them.",
			Paths: shells},
		{Name: "logs", Do: Remove, Why: "The journal belongs to the machine id that is gone; rotated logs are whole files of the " +
			"past.",
			Paths: []string{
				"/var/log/journal/**", "/var/log/*.gz", "/var/log/*/*.gz", "/var/log/*.xz", "/var/log/*/*.xz", "/var/log/*.[0-9]", "/var/log/*/*.[0-9]", "/var/log/*.old",
			}},
		{Name: "logs", Do: Truncate, Why: "Logs become empty instead of missing: services rely on owner and mode.",
			Paths: []string{"/var/log/*", "/var/log/*/*", "/var/log/*/*/*"}},
		{Name: "temporary-files", Do: Remove, Why: "Programs of the build left them; they may hold anything.",
			Paths: []string{"/tmp/**", "/var/tmp/**"}},
		{Name: "temporary-files", Do: RemoveFiles, Why: "It is the state of processes that are gone. Directories stay: containers are started without " +
			"anyone to make /run/lock again.",
			Paths: []string{"/run/**"}},
	}
}

// caches are large, stale by the time the image starts, and made again at need.
func caches() []SealRule {
	return []SealRule{
		{Name: "package-lists", Do: Remove, Why: "They are stale by the time the image starts. Every list has an underscore in its name; apt wants the lock and the directory for " +
			"partial ones to stay.",
			Paths: []string{
				"/var/lib/apt/lists/*_*", "/var/lib/apt/lists/partial/**", "/var/lib/apt/lists/auxfiles/**",
				"/var/lib/pacman/sync/**", "/var/cache/apk/**",
			}},
		{Name: "package-caches", Do: Remove, Why: "They are packages that were downloaded, and indexes made from the lists.",
			Paths: []string{
				"/var/cache/apt/archives/*.deb", "/var/cache/apt/archives/partial/**", "/var/cache/apt/*.bin",
				"/var/cache/dnf/**", "/var/cache/libdnf5/**", "/var/cache/yum/**", "/var/cache/zypp/**",
				"/var/cache/pacman/pkg/**",
			}},
	}
}
