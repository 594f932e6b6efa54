package qemu

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "qemu" "x" {
  iso_url          = "debian.iso"
  iso_checksum     = "00000000000000000000000000000000"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no medium", `-iso_url`, `needs option "iso_url" or "iso_urls"`},
		{"no checksum", `-iso_checksum`, `needs option "iso_checksum"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"processors", `cpus = -1`, `cpus: -1 is too small`},
		{"sockets", `sockets = -1`, `sockets: -1 is too small`},
		{"cores", `cores = -1`, `cores: -1 is too small`},
		{"threads", `threads = -1`, `threads: -1 is too small`},
		{"size", `disk_size = "20GB"`, `2:13: disk_size: "20GB" is no size: write a whole number and a unit, such as 40960M or 40G`},
		{"size of another disk", `disk_additional_size = ["1G", "20GB"]`, `2:31: disk_additional_size[1]: "20GB" is no size`},
		{"size as a number", `disk_size = 20480`, ""},
		{"format", `format = "vmdk"`, `format: "vmdk" is not known: use qcow2 or raw`},
		{"bus", `disk_interface = "nvme"`, `disk_interface: "nvme" is not known`},
		{"cache", `disk_cache = "write"`, `disk_cache: "write" is not known`},
		{"discard", `disk_discard = "on"`, `disk_discard: "on" is not known`},
		{"zeroes", `disk_detect_zeroes = "yes"`, `disk_detect_zeroes: "yes" is not known`},
		{"backing file", `use_backing_file = true`, `use_backing_file: it needs disk_image`},
		{"backing file of raw", "use_backing_file = true\ndisk_image = true\nformat = \"raw\"", `use_backing_file: it needs disk_image, and the format qcow2`},
		{"backing file known later", "use_backing_file = true\ndisk_image = build.ID", ""},
		{"size that stays", `skip_resize_disk = true`, `skip_resize_disk: it needs disk_image`},
		{"accelerator", `accelerator = "whp"`, `accelerator: "whp" is not known`},
		{"VNC port", `vnc_port_min = 5899`, `vnc_port_min: 5899 is too small: at least 5900`},
		{"great VNC port", `vnc_port_max = 65536`, `vnc_port_max: 65536 is too great`},
		{"VNC ports", `vnc_port_min = 6001`, `vnc_port_min: 6001 is greater than vnc_port_max`},
		{"argument", `qemuargs = [["-m", "{{ .Memory }}"]]`, `qemuargs: render "{{ .Memory }}"`},
		{"content", "qemuargs = [[\"-m\", \"{{ index .HTTPContent `/x` }}\"]]", ""},
		{"empty argument", `qemuargs = [["-m", "1"], []]`, `2:26: warning: qemuargs[1]: it is empty`},
		{"two ways to type", "boot_command = [\"<enter>\"]\nboot_steps = [[\"<enter>\"]]", `boot_steps: give either boot_command or boot_steps`},
		{"step", `boot_steps = [["<wait-1s>", "comment"]]`, `boot_steps: <wait-1s> is no pause`},
		{"comment", `boot_steps = [["<enter>", "<wait-1s>"]]`, ""},
		{"name of no file", `vm_name = "disks/.."`, `vm_name: "disks/.." is a directory: give the name of a file`},
		{"name of another file", `vm_name = "x/efivars.fd"`, `vm_name: "x/efivars.fd" is the file of UEFI's variables`},
		{"name without end", `vm_name = "` + strings.Repeat("x", 201) + `"`, `vm_name: it has 201 bytes`},
		{"machine that nobody ends", `qemuargs = [["-m", "1"], ["--daemonize"]]`, `2:26: qemuargs[1]: -daemonize would leave a machine behind`},
		{"name with a directory", `vm_name = "disks/x"`, ""},
		{"condition", "boot_condition = \"true\"\nboot_deadline = \"10m\"", ""},
		{"condition nobody asks", "boot_condition = \"true\"\ncommunicator = \"none\"", `2:18: boot_condition: nobody asks it`},
		{"deadline", `boot_deadline = "-1s"`, `2:17: boot_deadline: -1s is no time to wait`},
		{"parent beside a medium", `parent = "base"`, `iso_url: a machine that starts from a parent image has no medium`},
		{"parent known later", "parent = build.ID", ""},
		{"cache of the medium", `iso_skip_cache = true`, `warning: iso_checksum: without a digest`},
	})
	templatetest.Rules(t, kinds(), `
source "qemu" "x" {
  parent = "base"
}`, []templatetest.Rule{
		{"all that is needed", "", ""},
		{"digest of no medium", `iso_checksum = "none"`, `iso_checksum: a machine that starts from a parent image has no medium`},
		{"what stays with the parent", `use_backing_file = true`, `use_backing_file: a machine that starts from a parent image`},
		{"size", `disk_size = "10G"`, ""},
		{"somebody else's way in", "ssh_username = \"admin\"\nssh_password = \"x\"", ""},
	})
}
