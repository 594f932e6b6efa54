package proxmox

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

const server = `
  proxmox_url  = "https://pve:8006/api2/json"
  username     = "root@pam"
  password     = "secret"
  node         = "pve"
  ssh_username = "root"
`

const medium = "boot_iso {\n  iso_file = \"local:iso/debian.iso\"\n}\n"

func TestISORules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "proxmox-iso" "x" {`+server+medium+"}", []templatetest.Rule{
		{"no server", `-proxmox_url`, `1:1: block "proxmox-iso" needs option "proxmox_url"`},
		{"no address", `proxmox_url = ":"`, `proxmox_url: parse ":"`},
		{"no login", `-username`, `needs option "username"`},
		{"no secret", `-password`, `needs option "password" or "token"`},
		{"token", "-password\ntoken = \"t\"", ""},
		{"no node", `-node`, `needs option "node"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"id", `vm_id = 99`, `2:9: vm_id: 99 is too small: at least 100`},
		{"name", `vm_name = "a_b"`, `2:11: vm_name: "a_b" is no DNS name`},
		{"dash", `vm_name = "a-"`, `"a-" is no DNS name`},
		{"dots", `vm_name = "a..b"`, `is no DNS name`},
		{"name known later", `vm_name = build.ID`, ""},
		{"name of the template", `template_name = "a b"`, `template_name: "a b" is no DNS name`},
		{"balloon", `ballooning_minimum = 1024`, `ballooning_minimum: 1024 is more than the memory, 512`},
		{"balloon under default", "ballooning_minimum = 500\nmemory = 8", ""},
		{"cores", `cores = 256`, `cores: 256 is too great`},
		{"sockets", `sockets = -1`, `sockets: -1 is too small`},
		{"ports", `serials = ["socket", "COM1"]`, `2:22: serials[1]: "COM1" is neither a device such as /dev/ttyS0 nor socket`},
		{"many ports", `serials = ["socket", "socket", "socket", "socket", "socket"]`, `serials: 5 ports are too many: at most 4`},
		{"cloud-init", "cloud_init = true\ncloud_init_disk_type = \"virtio\"", `cloud_init_disk_type: "virtio" is not known`},
		{"no cloud-init", `cloud_init_disk_type = "virtio"`, ""},
		{"card without a bridge", "network_adapters {\n  model = \"virtio\"\n}", `2:1: block "network_adapters" needs option "bridge"`},
		{"queues", "network_adapters {\n  bridge = \"vmbr0\"\n  packet_queues = 2\n}", `4:19: network_adapters[0].packet_queues: only a card of model virtio has them`},
		{"packets", "network_adapters {\n  bridge = \"vmbr0\"\n  mtu = 65521\n}", `network_adapters[0].mtu: 65521 is too great`},
		{"disk without a pool", "disks {\n  type = \"scsi\"\n}", `block "disks" needs option "storage_pool"`},
		{"second disk", "disks {\n  storage_pool = \"a\"\n}\ndisks {\n  storage_pool = \"a\"\n  asyncio = \"fast\"\n}", `7:13: disks[1].asyncio: "fast" is not known`},
		{"thread's controller", "disks {\n  storage_pool = \"a\"\n  io_thread = true\n}", `disks[0].io_thread: it needs the scsi_controller virtio-scsi-single`},
		{"thread's disk", "scsi_controller = \"virtio-scsi-single\"\ndisks {\n  storage_pool = \"a\"\n  io_thread = true\n  type = \"sata\"\n}", `disks[0].io_thread: it needs a disk of type scsi or virtio`},
		{"SSD", "disks {\n  storage_pool = \"a\"\n  ssd = true\n  type = \"virtio\"\n}", `disks[0].ssd: a disk of type virtio`},
		{"old pool", "disks {\n  storage_pool = \"a\"\n  storage_pool_type = \"lvm\"\n}", `warning: disks[0].storage_pool_type: it is old`},
		{"device", "pci_devices {\n  pcie = false\n}", `block "pci_devices" needs option "host" or "mapping"`},
		{"two devices", "pci_devices {\n  host = \"0d:00.1\"\n  mapping = \"gpu\"\n}", `pci_devices[0].mapping: give either host or mapping`},
		{"address", "pci_devices {\n  host = \"0d:00\"\n}", `pci_devices[0].host: "0d:00" is no PCI address`},
		{"long address", "pci_devices {\n  host = \"00000:0d:00.1\"\n}", `is no PCI address`},
		{"graphics", "machine = \"pc\"\npci_devices {\n  mapping = \"gpu\"\n  legacy_igd = true\n}", `pci_devices[0].legacy_igd: it needs a vga of type none`},
		{"graphics' machine", "machine = \"q35\"\nvga {\n  type = \"none\"\n}\npci_devices {\n  mapping = \"gpu\"\n  legacy_igd = true\n}", `legacy_igd: it needs machine = pc`},
		{"express", "pci_devices {\n  mapping = \"gpu\"\n  pcie = true\n}", `pcie: it needs machine = q35`},
		{"random numbers", "rng0 {\n  source = \"/dev/null\"\n  max_bytes = 1\n}", `rng0.source: "/dev/null" is not known`},
		{"no random numbers", "rng0 {\n  max_bytes = 1\n}", `block "rng0" needs option "source"`},
		{"many random numbers", "rng0 {\n  source = \"/dev/urandom\"\n}", `warning: rng0: without max_bytes`},
		{"few random numbers", "rng0 {\n  source = \"/dev/urandom\"\n  max_bytes = -1\n}", `rng0.max_bytes: -1 is too small`},
		{"period", "rng0 {\n  source = \"/dev/urandom\"\n  max_bytes = 1\n  period = -1\n}", `rng0.period: -1 is too small`},
		{"TPM", "tpm_config {\n  tpm_version = \"v2.0\"\n}", `block "tpm_config" needs option "tpm_storage_pool"`},
		{"version of the TPM", "tpm_config {\n  tpm_storage_pool = \"a\"\n  tpm_version = \"2\"\n}", `tpm_config.tpm_version: "2" is not known: use v1.2 or v2.0`},
		{"EFI", "efi_config {\n  efi_type = \"4m\"\n}", `block "efi_config" needs option "efi_storage_pool"`},
		{"old EFI", `efidisk = "local"`, `warning: efidisk: it is old: use efi_config`},
		{"two kinds of EFI", "efidisk = \"local\"\nefi_config {\n  efi_storage_pool = \"a\"\n}", `efidisk: give efi_config alone`},
		{"no medium", `-boot_iso`, `needs option "iso_file" or "iso_url" or "iso_urls" or "boot_iso"`},
		{"empty medium", "boot_iso {\n  type = \"scsi\"\n}", `2:1: block "boot_iso" needs option "iso_file" or "iso_url" or "iso_urls" or "cd_files" or "cd_content"`},
		{"medium known later", "boot_iso {\n  iso_file = build.ID\n}", ""},
		{"file", "boot_iso {\n  iso_file = \"debian.iso\"\n}", `3:14: boot_iso.iso_file: "debian.iso" is no medium that Proxmox has`},
		{"bus", "boot_iso {\n  iso_file = \"a:iso/b\"\n  type = \"virtio\"\n}", `boot_iso.type: "virtio" is not known: use ide, sata or scsi`},
		{"two ways", "boot_iso {\n  iso_file = \"a:iso/b\"\n  iso_url = \"c\"\n}", `2:1: boot_iso: give one of iso_file, iso_url`},
		{"no pool", "boot_iso {\n  iso_url = \"a\"\n  iso_checksum = \"00000000000000000000000000000000\"\n}", `2:1: block "boot_iso" needs option "iso_storage_pool"`},
		{"no checksum", "boot_iso {\n  iso_url = \"a\"\n  iso_storage_pool = \"b\"\n}", `block "boot_iso" needs option "iso_checksum"`},
		{"no pool for files", "boot_iso {\n  cd_content = { a = \"b\" }\n}", `block "boot_iso" needs option "iso_storage_pool"`},
		{"missing files", "boot_iso {\n  cd_files = [\"missing\"]\n  iso_storage_pool = \"a\"\n}", `boot_iso.cd_files[0]: stat missing`},
		{"download of a file", "boot_iso {\n  iso_file = \"a:iso/b\"\n  iso_download_pve = true\n}", `boot_iso.iso_download_pve: there is no iso_url`},
		{"further medium", "additional_iso_files {\n  iso_file = \"x\"\n}", `additional_iso_files[0].iso_file: "x" is no medium`},
		{"old device", "additional_iso_files {\n  iso_file = \"a:iso/b\"\n  device = \"ide3\"\n}", `warning: additional_iso_files[0].device: it is old: use type and index`},
		{"device's number", "additional_iso_files {\n  iso_file = \"a:iso/b\"\n  device = \"sata6\"\n}", `device: "sata6" is no device: sata has numbers 0 to 5`},
		{"old file", "-boot_iso\niso_file = \"a:iso/b\"", `warning: iso_file: it is old: move it`},
		{"boot command", `boot_command = ["{{ .Name }}"]`, `boot_command: render`},
	})
}

func TestCloneRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `source "proxmox-clone" "x" {`+server+"  clone_vm = \"base\"\n}", []templatetest.Rule{
		{"no origin", `-clone_vm`, `needs option "clone_vm" or "clone_vm_id"`},
		{"two origins", `clone_vm_id = 100`, `clone_vm_id: give either clone_vm or clone_vm_id`},
		{"id", "-clone_vm\nclone_vm_id = 99", `clone_vm_id: 99 is too small`},
		{"name server", `nameserver = "192.0.2.1 dns"`, `2:14: nameserver: ParseAddr("dns")`},
		{"address", "network_adapters {\n  bridge = \"a\"\n}\nipconfig {\n  ip = \"192.0.2.1\"\n}", `6:8: ipconfig[0].ip: netip.ParsePrefix("192.0.2.1")`},
		{"IPv6 address", "network_adapters {\n  bridge = \"a\"\n}\nipconfig {\n  ip6 = \"any\"\n}", `ipconfig[0].ip6: netip.ParsePrefix("any")`},
		{"gateway", "network_adapters {\n  bridge = \"a\"\n}\nipconfig {\n  gateway = \"router\"\n}", `ipconfig[0].gateway: ParseAddr("router")`},
		{"automatic", "network_adapters {\n  bridge = \"a\"\n}\nipconfig {\n  ip = \"dhcp\"\n  ip6 = \"auto\"\n}", ""},
		{"no card", "ipconfig {\n  ip = \"dhcp\"\n}", `2:1: ipconfig[0]: there are only 0 network_adapters`},
	})
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	env := func(name string) string {
		return map[string]string{"PROXMOX_URL": "https://pve", "PROXMOX_USERNAME": "root", "PROXMOX_TOKEN": "t"}[name]
	}
	templatetest.Rules(t, template.NewSet(ISO(env), Clone(env)), "source \"proxmox-iso\" \"x\" {\n  node = \"pve\"\n  ssh_username = \"root\"\n"+medium+"}", nil)
}

func TestOldName(t *testing.T) {
	t.Parallel()
	got := templatetest.Check(t, template.NewSet(Old(none)), `source "proxmox" "x" {`+server+medium+"}\nbuild {\n  sources = [\"source.proxmox.x\"]\n}\n")
	if want := "1:1: warning: the type proxmox is old: use proxmox-iso\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
