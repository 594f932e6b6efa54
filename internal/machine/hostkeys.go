package machine

const (
	hostKeysName = "proofmark-ssh-host-keys.service"
	units        = "/etc/systemd/system/"
)

// hostKeys has a machine make its SSH host keys when it starts without any.
// Debian's packages do so once, when they are installed, and the service fails
// without.
//
// After cloud-init, which makes them itself in a cloud, and does nothing where it
// finds none: it is no reason to leave this out. For any key, not for a certain
// one: who removes the keys of one kind does not want them back.
func hostKeys() Again {
	return Again{
		Files: []AgainFile{{Path: units + hostKeysName, Text: `# An image has no host keys: each machine makes its own when it starts for the first time.
[Unit]
Description=Make the SSH host keys of this machine
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
ConditionPathIsReadWrite=/etc/ssh
After=cloud-init.service
Before=ssh.service sshd.service

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
`}},
		Links: []AgainLink{{Path: units + "multi-user.target.wants/" + hostKeysName, Target: units + hostKeysName}},
		Needs: []string{"/usr/bin/ssh-keygen", "/lib/systemd/systemd"},
		// Units that are enabled, settings of the service itself, and what other
		// distributions bring.
		Unless: []string{
			units + "*.wants/*", units + "*.requires/*", units + "ssh.service.d/*", units + "sshd.service.d/*",
			units + "ssh.service", units + "sshd.service",
			"/lib/systemd/system/sshd-keygen@.service", "/lib/systemd/system/sshdgenkeys.service",
		},
		Mark: "keygen",
	}
}
