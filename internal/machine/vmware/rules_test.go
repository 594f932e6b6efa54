package vmware

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestISORules(t *testing.T) {
	t.Parallel()
	const remote = "remote_type = \"esx5\"\nremote_host = \"esxi\"\nremote_password = \"p\"\n"
	const old = `warning: remote_type: it is old: use vsphere-iso or vsphere-clone`
	templatetest.Rules(t, kinds(), `
source "vmware-iso" "x" {
  iso_url          = "debian.iso"
  iso_checksum     = "00000000000000000000000000000000"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no medium", `-iso_url`, `needs option "iso_url" or "iso_urls"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"disk", `disk_size = -1`, `disk_size: -1 is too small`},
		{"further disk", `disk_additional_size = [-1]`, `disk_additional_size: the size of a disk is not negative`},
		{"VMX file", `vmx_template_path = "missing"`, `2:21: vmx_template_path: open missing: no such file`},
		{"no template", `vmx_template_path = "testdata/wrong.vmx"`, `vmx_template_path: parse`},
		{"firmware", `firmware = "uefi"`, `firmware: "uefi" is not known: use bios, efi or efi-secure`},
		{"processors", `cpus = -1`, `cpus: -1 is too small`},
		{"cores", `cores = -1`, `cores: -1 is too small`},
		{"memory", `memory = -1`, `memory: -1 is too small`},
		{"USB", "usb = true\nusb_version = \"3.0\"", `usb_version: "3.0" is not known: use 2.0, 3.1 or 3.2`},
		{"no USB", `usb_version = "3.1"`, `2:15: usb_version: there is no USB controller: set usb`},
		{"USB known later", "usb_version = \"3.1\"\nusb = build.ID", ""},
		{"serial port", `serial = "COM1"`, `2:10: warning: serial: "COM1" is no serial port: write FILE:path`},
		{"pipe", `serial = "PIPE:/tmp/x,server"`, `is no serial port`},
		{"pipe's end", `serial = "PIPE:/tmp/x,both,app"`, `is no serial port`},
		{"pipe's yield", `serial = "PIPE:/tmp/x,server,app,maybe"`, `is no serial port`},
		{"device", `serial = "device:/dev/ttyS0,TRUE"`, ""},
		{"automatic", `serial = "AUTO:perhaps"`, `is no serial port`},
		{"none", `serial = "none"`, ""},
		{"parallel port", `parallel = "LPT1"`, `warning: parallel: "LPT1" is no parallel port`},
		{"direction", `parallel = "AUTO:out"`, `is no parallel port`},
		{"device's direction", `parallel = "DEVICE:/dev/parport0,out"`, `is no parallel port`},
		{"version", `version = -1`, `version: -1 is too small`},
		{"old version", `version = "9"`, ""},
		{"form", `format = "vmdk"`, `format: "vmdk" is not known: use ovf, ova or vmx`},
		{"drive", `cdrom_adapter_type = "usb"`, `cdrom_adapter_type: "usb" is not known`},
		{"VNC ports", `vnc_port_min = 6001`, `vnc_port_min: 6001 is greater than vnc_port_max`},
		{"unseen", "headless = true\ndisable_vnc = true", `warning: disable_vnc: nothing is seen`},
		{"nothing to type on", "disable_vnc = true\nboot_command = [\"x\"]", `boot_command: it cannot be typed`},
		{"tools", `tools_mode = "download"`, `tools_mode: "download" is not known: use upload, attach or disable`},
		{"tools without a mode", `tools_upload_flavor = "freebsd"`, ""},
		{"what tools", `tools_mode = "upload"`, `needs option "tools_upload_flavor" or "tools_source_path"`},
		{"two kinds of tools", "tools_mode = \"upload\"\ntools_upload_flavor = \"linux\"\ntools_source_path = \"testdata/machine.vmx\"", `tools_source_path: give either`},
		{"tools for what", "tools_mode = \"upload\"\ntools_upload_flavor = \"beos\"", `tools_upload_flavor: "beos" is not known`},
		{"attach what", `tools_mode = "attach"`, `needs option "tools_source_path"`},
		{"missing tools", "tools_mode = \"attach\"\ntools_source_path = \"missing\"", `tools_source_path: stat missing`},
		{"tools of a directory", "tools_mode = \"attach\"\ntools_source_path = \"testdata\"", `tools_source_path: read testdata: it is a directory`},
		{"attach and upload", "tools_mode = \"attach\"\ntools_upload_flavor = \"linux\"\ntools_source_path = \"testdata/machine.vmx\"", `tools_upload_flavor: nothing is uploaded`},
		{"upload path", `tools_upload_path = "{{.Flavour}}.iso"`, `tools_upload_path: render`},
		{"websocket", `vnc_over_websocket = true`, `vnc_over_websocket: only an ESXi host has it: give remote_type`},
		{"remote", remote, old},
		{"every remote option", remote + `
remote_port = 2222
remote_username = "root"
remote_private_key_file = "key"
remote_datastore = "ds"
remote_cache_datastore = "ds"
remote_cache_directory = "cache"
cleanup_remote_cache = true
remote_output_directory = "out"
skip_validate_credentials = true
insecure_connection = true
vnc_over_websocket = true
keep_registered = true
network_name = "VM Network"`, old},
	})
}

// TestRemote: what is wrong of a remote host, beside the warning that it is old.
func TestRemote(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		"remote_type = \"esx6\"\nremote_host = \"h\"\nremote_password = \"p\"":                                                                             `"esx6" is not known: use esx5`,
		"remote_type = \"esx5\"\nremote_password = \"p\"":                                                                                                  `needs option "remote_host"`,
		"remote_type = \"esx5\"\nremote_host = \"h\"":                                                                                                      `needs option "remote_password"`,
		"remote_type = \"esx5\"\nremote_host = \"h\"\nremote_password = \"p\"\nremote_port = 70000":                                                        `remote_port: 70000 is too great`,
		"remote_type = \"esx5\"\nremote_host = \"h\"\nremote_password = \"p\"\ndisk_type_id = \"zeroedthick\"":                                             `cannot be compacted`,
		"remote_type = \"esx5\"\nremote_host = \"h\"\nskip_export = true":                                                                                  "",
		"remote_type = \"esx5\"\nremote_host = \"h\"\nremote_password = \"p\"\ndisk_type_id = \"zeroedthick\"\nskip_compaction = true":                     "",
		"remote_type = \"esx5\"\nremote_host = \"h\"\nremote_password = \"p\"\nvnc_over_websocket = true\nvnc_port_min = 9000\ninsecure_connection = true": "",
	} {
		got := templatetest.Check(t, kinds(), "source \"vmware-iso\" \"x\" {\niso_url = \"x\"\niso_checksum = \"00000000000000000000000000000000\"\nssh_username = \"u\"\nshutdown_command = \"halt\"\n"+
			options+"\n}\nbuild {\nsources = [\"source.vmware-iso.x\"]\n}\n")
		var errs []string
		for line := range strings.Lines(got) {
			if !strings.Contains(line, ": warning: ") {
				errs = append(errs, line)
			}
		}
		if want == "" && len(errs) > 0 || want != "" && (len(errs) != 1 || !strings.Contains(errs[0], want)) {
			t.Errorf("%s\ngot %q, want %q", options, errs, want)
		}
	}
}

func TestVMXRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "vmware-vmx" "x" {
  source_path      = "testdata/machine.vmx"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no source", `-source_path`, `needs option "source_path"`},
		{"missing source", `source_path = "missing.vmx"`, `2:15: source_path: stat missing.vmx: no such file`},
		{"source known later", `source_path = build.ID`, ""},
		{"appliance", `source_path = "testdata/machine.ovf"`, `needs option "guest_os_type"`},
		{"system of the appliance", "source_path = \"testdata/machine.ovf\"\nguest_os_type = \"debian12-64\"", ""},
		{"no hardware", `cpus = 2`, `unknown option "cpus"`},
	})
}
