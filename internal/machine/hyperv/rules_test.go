package hyperv

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestISORules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "hyperv-iso" "x" {
  iso_url          = "debian.iso"
  iso_checksum     = "00000000000000000000000000000000"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no medium", `-iso_url`, `needs option "iso_url" or "iso_urls"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"small disk", `disk_size = 255`, `2:13: disk_size: 255 is too small: at least 256`},
		{"large disk", `disk_size = 67108865`, `disk_size: 67108865 is too great`},
		{"large VHD", "disk_size = 2088961\nuse_fixed_vhd_format = true\nskip_compaction = true", `disk_size: 2088961 is too great: at most 2088960`},
		{"size of a disk that is there", "disk_size = 1\niso_url = \"base.VHDX\"", ""},
		{"generation of the card", "use_legacy_network_adapter = true\ngeneration = 2", `2:30: use_legacy_network_adapter: machines of generation 2 have none`},
		{"generation known later", "use_legacy_network_adapter = true\ngeneration = build.ID", ""},
		{"generation of a VHD", "use_fixed_vhd_format = true\ngeneration = 2\nskip_compaction = true", `use_fixed_vhd_format: machines of generation 2 take no VHD disks`},
		{"compacted VHD", `use_fixed_vhd_format = true`, `use_fixed_vhd_format: a disk of full size cannot be compacted`},
		{"differencing VHD", "use_fixed_vhd_format = true\nskip_compaction = true\ndifferencing_disk = true", `cannot be a differencing_disk`},
		{"generation of a floppy", "generation = 2\nfloppy_files = [\"testdata/every.json\"]", `2:14: generation: machines of generation 2 have no floppy drive`},
		{"any generation", `generation = 3`, ""},
		{"memory", `memory = 31`, `memory: 31 is too small: at least 32`},
		{"much memory", `memory = 32769`, `memory: 32769 is too great`},
		{"blocks", `disk_block_size = 257`, `disk_block_size: 257 is too great: at most 256`},
		{"device", `first_boot_device = "SCSI:0:0"`, `first_boot_device: "SCSI:0:0" is no device of a machine of generation 1`},
		{"device of generation 2", "first_boot_device = \"scsi:0:0\"\ngeneration = 2", ""},
		{"floppy of generation 2", "first_boot_device = \"FLOPPY\"\ngeneration = 2", `"FLOPPY" is no device of a machine of generation 2`},
		{"device number", "first_boot_device = \"IDE:0:-1\"\ngeneration = 2", `"IDE:0:-1" is no device`},
		{"many disks", "disk_additional_size = [for i in range(65) : 1]", `disk_additional_size: 65 disks are too many: at most 64`},
		{"further disk", `disk_additional_size = [-1]`, `disk_additional_size[0]: -1 is too small`},
		{"missing medium", `secondary_iso_images = ["missing.iso"]`, `2:25: secondary_iso_images[0]: stat missing.iso`},
		{"medium on Windows", `secondary_iso_images = ["E:\\x.iso", "\\\\server\\x.iso"]`, ""},
		{"three media", `secondary_iso_images = ["E:/1", "E:/2", "E:/3"]`, `secondary_iso_images: a machine of generation 1 has place for two media`},
		{"media and additions", "secondary_iso_images = [\"E:/1\", \"E:/2\"]\nguest_additions_mode = \"attach\"", `has place for two media`},
		{"media of generation 2", "generation = 2\nsecondary_iso_images = [for i in range(17) : \"E:/x\"]", `a machine of generation 2 has place for 16 media`},
		{"additions", `guest_additions_path = "missing.iso"`, `guest_additions_path: stat missing.iso`},
		{"VLANs", "switch_vlan_id = \"1\"\nvlan_id = \"2\"", `2:18: warning: switch_vlan_id: the switch sees nothing`},
		{"no network inside", "enable_virtualization_extensions = true\nmemory = 4096", `warning: enable_virtualization_extensions: machines inside this one have no network`},
		{"no memory inside", "enable_virtualization_extensions = true\nenable_mac_spoofing = true", `warning: enable_virtualization_extensions: machines inside this one want memory`},
		{"dynamic memory", "enable_virtualization_extensions = true\nenable_mac_spoofing = true\nmemory = 4096\nenable_dynamic_memory = true", `warning: enable_dynamic_memory: a machine with virtualization`},
		{"power cut", `-shutdown_command`, `warning: without shutdown_command`},
		{"stops by itself", "-shutdown_command\ndisable_shutdown = true", ""},
		{"boot command", `boot_command = ["{{ .SSHPublicKey }}"]`, `boot_command: render`},
	})
}

func TestVMCXRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "hyperv-vmcx" "x" {
  clone_from_vm_name = "base"
  ssh_username       = "root"
  shutdown_command   = "halt"
}`, []templatetest.Rule{
		{"no origin", `-clone_from_vm_name`, `needs option "clone_from_vm_name" or "clone_from_vmcx_path"`},
		{"origin known later", "-clone_from_vm_name\nclone_from_vmcx_path = build.ID", ""},
		{"missing directory", `clone_from_vmcx_path = "missing"`, `clone_from_vmcx_path: stat missing`},
		{"directory on Windows", `clone_from_vmcx_path = "C:\\vms\\base"`, ""},
		{"file", `clone_from_vmcx_path = "C:\\vms\\base.vmcx"`, `is a file: give the directory that the machine was exported to`},
		{"file in its directory", `clone_from_vmcx_path = "C:\\vms\\Virtual Machines\\base.vmcx"`, ""},
		{"disk", `disk_size = 1`, `disk_size: 1 is too small`},
		{"medium without checksum", `iso_url = "x.iso"`, `needs option "iso_checksum"`},
	})
}
