package qemu

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// portShell runs the script that comes over the port, after its length on a line.
const portShell = `echo ready; read -r n && eval "$(head -c "$n")"`

// portUnit answers at the port with such a shell. What
// systemd makes in /run of a credential is gone with the boot. An initrd that runs systemd
// gets the credential too, and is not what is to be looked into.
func portUnit() string {
	return `[Unit]
Description=Proofmark looks into the machine
ConditionPathExists=!/etc/initrd-release
StartLimitIntervalSec=0
[Service]
ExecStart=-/bin/sh -c 'exec <>/dev/virtio-ports/` + portName + ` >&0 2>&0; ` + strings.ReplaceAll(portShell, "$", "$$") + `'
TasksMax=infinity
TimeoutStopSec=10
`
}

// portRule starts it at a knock.
const portRule = `SUBSYSTEM=="virtio-ports", ACTION=="add", ATTR{name}=="` + knockName + `*", TAG+="systemd", ENV{SYSTEMD_WANTS}="proofmark-look.service"
`

// portArguments give a machine the port's bus, and by its firmware's tables what answers
// there.
func portArguments() []string {
	var files strings.Builder
	for _, f := range []struct{ directory, name, content string }{
		{"/run/systemd/system", "proofmark-look.service", portUnit()},
		{"/run/udev/rules.d", "99-proofmark-look.rules", portRule},
	} {
		fmt.Fprintf(&files, "d %s 0755 root root -\nf+~ %s/%s 0644 root root - %s\n", f.directory, f.directory, f.name,
			base64.StdEncoding.EncodeToString([]byte(f.content)))
	}
	return append([]string{"-device", "virtio-serial,id=" + portBus}, credential("tmpfiles.extra", files.String())...)
}

// credential is arguments that hand one to systemd in the machine.
func credential(name, value string) []string {
	// A comma begins the next option; base64 has none.
	return []string{"-smbios", "type=11,value=io.systemd.credential.binary:" + name + "=" + base64.StdEncoding.EncodeToString([]byte(value))}
}
