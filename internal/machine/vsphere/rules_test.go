package vsphere

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

const server = `
  vcenter_server = "vcenter"
  username       = "root"
  password       = "secret"
  cluster        = "c"
  vm_name        = "web"
  ssh_username   = "root"
`

// common are the rules of both builders.
func common() []templatetest.Rule {
	return []templatetest.Rule{
		{"no server", `-vcenter_server`, `needs option "vcenter_server"`},
		{"no login", `-username`, `needs option "username"`},
		{"no secret", `-password`, `needs option "password"`},
		{"no place", `-cluster`, `needs option "cluster" or "host"`},
		{"place known later", "-cluster\nhost = build.ID", ""},
		{"no name", `-vm_name`, `needs option "vm_name"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"two datastores", "datastore = \"a\"\ndatastore_cluster = \"b\"", `3:21: datastore_cluster: give either`},
		{"firmware", `firmware = "uefi"`, `firmware: "uefi" is not known: use bios, efi or efi-secure`},
		{"reserved memory", "RAM_reservation = 1\nRAM_reserve_all = true", `2:19: RAM_reservation: give either`},
		{"TPM", `vTPM = true`, `2:8: vTPM: it needs the firmware efi or efi-secure`},
		{"TPM with EFI", "vTPM = true\nfirmware = \"efi\"", ""},
		{"clock", `precision_clock = "gps"`, `precision_clock: "gps" is not known`},
		{"clock of the host", `tools_sync_time_periodically = true`, `tools_sync_time_periodically: it needs tools_sync_time`},
		{"security", "vbs_enabled = true\nNestedHV = true\nfirmware = \"efi-secure\"", `vbs_enabled: it needs vvtd_enabled`},
		{"security nested", "vbs_enabled = true\nvvtd_enabled = true\nfirmware = \"efi-secure\"", `vbs_enabled: it needs NestedHV`},
		{"security's firmware", "vbs_enabled = true\nvvtd_enabled = true\nNestedHV = true", `vbs_enabled: it needs the firmware efi-secure`},
		{"drives", `cdrom_type = "scsi"`, `cdrom_type: "scsi" is not known: use ide or sata`},
		{"empty drives", `reattach_cdroms = 5`, `reattach_cdroms: 5 is too great: at most 4`},
		{"missing file", `cd_files = ["missing"]`, `cd_files[0]: stat missing`},
		{"network", `ip_wait_address = "192.0.2.1"`, `2:19: ip_wait_address: invalid CIDR address`},
		{"any network", `ip_wait_address = ""`, ""},
		{"command without a communicator", "-ssh_username\ncommunicator = \"none\"\nshutdown_command = \"halt\"", `warning: shutdown_command: it is not run`},
		{"form", "export {\n  output_format = \"vmx\"\n}", `3:19: export.output_format: "vmx" is not known: use ovf or ova`},
		{"manifest", "export {\n  manifest = \"md5\"\n}", `export.manifest: "md5" is not known`},
		{"mode", "export {\n  directory_permission = \"rwx\"\n}", `export.directory_permission: "rwx" is no mode`},
		{"mode as a number", "export {\n  directory_permission = 0750\n}", ""},
		{"file is there", "export {\n  output_directory = \"testdata\"\n  name = \"there\"\n}", `2:1: export: testdata/there.ovf is there already`},
		{"file is overwritten", "export {\n  output_directory = \"testdata\"\n  name = \"there\"\n  force = true\n}", ""},
		{"no library", "content_library_destination {\n  name = \"a\"\n}", `block "content_library_destination" needs option "library"`},
		{"name in the library", "content_library_destination {\n  library = \"l\"\n  name = \"web\"\n}", `4:10: content_library_destination.name: a template must not be named`},
		{"name of an OVF", "content_library_destination {\n  library = \"l\"\n  name = \"web\"\n  ovf = true\n}", ""},
		{"boot command", `boot_command = ["{{ .SSHPublicKey }}"]`, `boot_command: render`},
	}
}

func TestISORules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "vsphere-iso" "x" {`+server+"storage {\n  disk_size = 1024\n}\n}", append(common(),
		templatetest.Rule{"no disk", `-storage`, `needs option "storage"`},
		templatetest.Rule{"size", "storage {\n  disk_thin_provisioned = true\n}", `2:1: block "storage" needs option "disk_size"`},
		templatetest.Rule{"controller", "storage {\n  disk_size = 1\n  disk_controller_index = 1\n}", `4:27: storage[0].disk_controller_index: disk_controller_type has 1 controllers`},
		templatetest.Rule{"negative size", "storage {\n  disk_size = -1\n}", `storage[0].disk_size: -1 is too small`},
		templatetest.Rule{"USB", `usb_controller = ["usb", "ehci"]`, `2:26: usb_controller[1]: "ehci" is neither usb nor xhci`},
		templatetest.Rule{"two USB controllers", `usb_controller = ["usb", "true"]`, `usb_controller[1]: there is one controller of kind usb already`},
		templatetest.Rule{"no USB", `usb_controller = ["false"]`, ""},
		templatetest.Rule{"medium without checksum", `iso_url = "x"`, `needs option "iso_checksum"`},
		templatetest.Rule{"version", `vm_version = -1`, `vm_version: -1 is too small`},
	))
}

func TestCloneRules(t *testing.T) {
	t.Parallel()
	const customize = "customize {\n  network_interface {}\n"
	templatetest.Rules(t, kinds(), `source "vsphere-clone" "x" {`+server+"template = \"base\"\n}", append(common(),
		templatetest.Rule{"no template", `-template`, `needs option "template"`},
		templatetest.Rule{"linked size", "linked_clone = true\ndisk_size = 1", `3:13: disk_size: the disk of a linked_clone keeps its size`},
		templatetest.Rule{"MAC address", `mac_address = "00:50:56:00:00:01"`, `mac_address: it needs network`},
		templatetest.Rule{"controllers", "storage {\n  disk_size = 1\n}", `storage[0].disk_controller_index: disk_controller_type has 0 controllers`},
		templatetest.Rule{"no options", customize + "}", `2:1: block "customize" needs option "linux_options" or "windows_options"`},
		templatetest.Rule{"no interface", "customize {\n  windows_sysprep_text = \"x\"\n}", `block "customize" needs option "network_interface"`},
		templatetest.Rule{"two systems", customize + "  windows_sysprep_text = \"x\"\n  windows_options {\n    computer_name = \"a\"\n  }\n}", `customize.windows_sysprep_text: customize.windows_options is given too`},
		templatetest.Rule{"host name", customize + "  linux_options {\n    domain = \"a\"\n  }\n}", `block "linux_options" needs option "host_name"`},
		templatetest.Rule{"domain", customize + "  linux_options {\n    host_name = \"a\"\n  }\n}", `block "linux_options" needs option "domain"`},
		templatetest.Rule{"computer name", customize + "  windows_options {\n    workgroup = \"a\"\n  }\n}", `block "windows_options" needs option "computer_name"`},
		templatetest.Rule{"old answers", customize + "  windows_sysprep_file = \"x\"\n}", `warning: customize.windows_sysprep_file: it is old`},
	))
}

func TestPost(t *testing.T) {
	t.Parallel()
	set := template.NewSet(Upload(), MakeTemplate())
	templatetest.Full(t, set, "testdata/post.json", nil)
	templatetest.Rules(t, set, `
post-processor "vsphere" {
  host       = "vcenter"
  username   = "u"
  password   = "p"
  datacenter = "d"
  cluster    = "c"
  datastore  = "ds"
  vm_name    = "web"
}`, []templatetest.Rule{
		{"no server", `-host`, `needs option "host"`},
		{"no datacenter", `-datacenter`, `needs option "datacenter"`},
		{"no cluster", `-cluster`, `needs option "cluster"`},
		{"no machine", `-vm_name`, `needs option "vm_name"`},
		{"two datastores", `datastore_cluster = "x"`, `datastore_cluster: give either`},
		{"no datastore", `-datastore`, `warning: without datastore or datastore_cluster`},
		{"retries", `max_retries = -1`, `max_retries: -1 is too small`},
	})
	templatetest.Rules(t, set, "post-processor \"vsphere-template\" {\n  host = \"vcenter\"\n  username = \"u\"\n  password = \"p\"\n}", []templatetest.Rule{
		{"no server", `-host`, `needs option "host"`},
		{"no login", `-username`, `needs option "username"`},
		{"no secret", `-password`, `needs option "password"`},
		{"unknown", `overide = true`, `unknown option "overide" (did you mean "override"?)`},
	})
}
