package virtualbox

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

const medium = `
  iso_url          = "debian.iso"
  iso_checksum     = "00000000000000000000000000000000"
`

const reached = `
  ssh_username     = "root"
  shutdown_command = "halt"
}`

func TestISORules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "virtualbox-iso" "x" {`+medium+reached, []templatetest.Rule{
		{"no medium", `-iso_url`, `1:1: block "virtualbox-iso" needs option "iso_url" or "iso_urls"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"power cut", `-shutdown_command`, `warning: without shutdown_command the power`},
		{"power button", "-shutdown_command\nacpi_shutdown = true", ""},
		{"stops by itself", "-shutdown_command\ndisable_shutdown = true", ""},
		{"chipset", `chipset = "i440"`, `2:11: chipset: "i440" is not known: use piix3, ich9, armv8 or armv8virtual`},
		{"firmware", `firmware = "uefi"`, `firmware: "uefi" is not known: use bios or efi`},
		{"firmware known later", `firmware = build.ID`, ""},
		{"clock", `rtc_time_base = "utc"`, `rtc_time_base: "utc" is not known: use UTC or local`},
		{"card", `nic_type = "e1000"`, `nic_type: "e1000" is not known`},
		{"sound card", `audio_controller = "sb32"`, `audio_controller: "sb32" is not known`},
		{"USB", `usb_controller = "uhci"`, `usb_controller: "uhci" is not known`},
		{"mouse", `mouse = "serial"`, `mouse: "serial" is not known`},
		{"keyboard", `keyboard = "at"`, `keyboard: "at" is not known`},
		{"graphics", `gfx_controller = "vga"`, `gfx_controller: "vga" is not known`},
		{"graphics memory", `gfx_vram_size = 129`, `2:17: gfx_vram_size: 129 is too great: at most 128`},
		{"resolution", `gfx_efi_resolution = "big"`, `gfx_efi_resolution: "big" is no size of a screen`},
		{"half a resolution", `gfx_efi_resolution = "1920x"`, `gfx_efi_resolution: "1920x" is no size`},
		{"disk", `disk_size = -1`, `disk_size: -1 is too small`},
		{"further disk", `disk_additional_size = [1, -1]`, `2:28: disk_additional_size[1]: -1 is too small`},
		{"disk controller", `hard_drive_interface = "nvme"`, `hard_drive_interface: "nvme" is not known: use ide, sata, scsi, pcie or virtio`},
		{"SATA ports", `sata_port_count = 31`, `sata_port_count: 31 is too great: at most 30`},
		{"NVMe ports", `nvme_port_count = 256`, `nvme_port_count: 256 is too great: at most 255`},
		{"medium's controller", `iso_interface = "scsi"`, `iso_interface: "scsi" is not known`},
		{"processors", `cpus = -1`, `cpus: -1 is too small`},
		{"memory", `memory = -1`, `memory: -1 is too small`},
		{"memory in words", `memory = "much"`, `option "memory": a number is needed, not "much"`},
		{"form", `format = "vmdk"`, `format: "vmdk" is not known: use ovf or ova`},
		{"VRDP ports", `vrdp_port_min = 6001`, `vrdp_port_min: 6001 is greater than vrdp_port_max, 6000`},
		{"additions", `guest_additions_mode = "download"`, `guest_additions_mode: "download" is not known: use upload, attach or disable`},
		{"additions path", `guest_additions_path = "/tmp/{{.Verson}}"`, `guest_additions_path: render "/tmp/{{.Verson}}": {{.Verson}} is not known here: did you mean "Version"?`},
		{"additions URL", `guest_additions_url = "https://x/{{.Name}}"`, `guest_additions_url: render`},
		{"additions without a communicator", "-ssh_username\ncommunicator = \"none\"\nvirtualbox_version_file = \"\"", `guest_additions_mode: nothing can be uploaded`},
		{"version without a communicator", "-ssh_username\ncommunicator = \"none\"\nguest_additions_mode = \"disable\"", `virtualbox_version_file: nothing can be uploaded`},
		{"nothing without a communicator", "-ssh_username\ncommunicator = \"none\"\nguest_additions_mode = \"attach\"\nvirtualbox_version_file = \"\"", ""},
		{"command", `vboxmanage = [["modifyvm", "{{.VMName}}"]]`, `vboxmanage: render "{{.VMName}}"`},
		{"command afterwards", `vboxmanage_post = [["modifyvm", "{{.VMName}}"]]`, `vboxmanage_post: render`},
		{"boot command", `boot_command = ["{{ .VMName }}"]`, `boot_command: render`},
	})
}

func TestOVFRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "virtualbox-ovf" "x" {
  source_path = "base.ova"`+reached, []templatetest.Rule{
		{"no source", `-source_path`, `1:1: block "virtualbox-ovf" needs option "source_path"`},
		{"checksum", `checksum = "sha257:00"`, `2:12: checksum: there is no digest of type "sha257"`},
		{"old checksum", "checksum = \"00000000000000000000000000000000\"\nchecksum_type = \"md5\"", `3:17: warning: checksum_type: it is old`},
		{"form", `format = "vmdk"`, `format: "vmdk" is not known`},
		{"no medium", `iso_url = "x"`, `unknown option "iso_url"`},
	})
}

func TestVMRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "virtualbox-vm" "x" {
  vm_name = "web"`+reached, []templatetest.Rule{
		{"no machine", `-vm_name`, `needs option "vm_name"`},
		{"one snapshot", "attach_snapshot = \"a\"\ntarget_snapshot = \"a\"", `3:19: target_snapshot: "a" is the snapshot that the build begins with`},
		{"nothing is kept", `skip_export = true`, `2:15: warning: skip_export: with neither an export nor a target_snapshot nothing is kept`},
		{"snapshot is kept", "skip_export = true\ntarget_snapshot = build.ID", ""},
		{"memory", `memory = -1`, `memory: -1 is too small`},
	})
}
