package parallels

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestISORules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "parallels-iso" "x" {
  iso_url                = "debian.iso"
  iso_checksum           = "00000000000000000000000000000000"
  parallels_tools_flavor = "lin"
  ssh_username           = "root"
  shutdown_command       = "halt"
}`, []templatetest.Rule{
		{"no medium", `-iso_url`, `needs option "iso_url" or "iso_urls"`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"no tools", `-parallels_tools_flavor`, `1:1: block "parallels-iso" needs option "parallels_tools_flavor"`},
		{"no tools wanted", "-parallels_tools_flavor\nparallels_tools_mode = \"disable\"", ""},
		{"tools", `parallels_tools_mode = "download"`, `2:24: parallels_tools_mode: "download" is not known`},
		{"tools path", `parallels_tools_guest_path = "{{.Name}}"`, `parallels_tools_guest_path: render`},
		{"disk", `disk_size = -1`, `disk_size: -1 is too small`},
		{"kind of disk", `disk_type = "thin"`, `disk_type: "thin" is not known: use expand or plain`},
		{"controller", `hard_drive_interface = "nvme"`, `hard_drive_interface: "nvme" is not known: use ide, sata or scsi`},
		{"processors", `cpus = -1`, `cpus: -1 is too small`},
		{"memory", `memory = -1`, `memory: -1 is too small`},
		{"command", `prlctl = [["set", "{{.VMName}}"]]`, `prlctl: render "{{.VMName}}"`},
		{"command afterwards", `prlctl_post = [["set", "{{.VMName}}"]]`, `prlctl_post: render`},
		{"view", `startup_view = "hidden"`, `startup_view: "hidden" is not known`},
		{"window", `on_window_close = "explode"`, `on_window_close: "explode" is not known`},
		{"power cut", `-shutdown_command`, `warning: without shutdown_command`},
		{"boot command", `boot_command = ["<wait-1s>"]`, `boot_command: <wait-1s> is no pause`},
	})
}

func TestPVMRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "parallels-pvm" "x" {
  source_path            = "testdata"
  parallels_tools_flavor = "lin"
  ssh_username           = "root"
  shutdown_command       = "halt"
}`, []templatetest.Rule{
		{"no source", `-source_path`, `needs option "source_path"`},
		{"missing source", `source_path = "missing.pvm"`, `2:15: source_path: stat missing.pvm`},
		{"source known later", `source_path = build.ID`, ""},
		{"floppy", `floppy_files = ["missing"]`, `floppy_files[0]: stat missing`},
		{"CD", `cd_files = ["missing"]`, `cd_files[0]: stat missing`},
	})
}

func TestMacRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, kinds(), `
source "parallels-ipsw" "x" {
  ipsw_url         = "mac.ipsw"
  ipsw_checksum    = "00000000000000000000000000000000"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no image", `-ipsw_url`, `needs option "ipsw_url" or "ipsw_urls"`},
		{"no checksum", `-ipsw_checksum`, `needs option "ipsw_checksum"`},
		{"two images", `ipsw_urls = ["a"]`, `ipsw_urls: give either ipsw_url or ipsw_urls`},
		{"checksum", `ipsw_checksum = "x"`, `ipsw_checksum: "x" is no digest`},
		{"view", `startup_view = "coherence"`, `startup_view: a machine with macOS is shown as same, window or headless`},
		{"reader", `ocr_library = "eyes"`, `ocr_library: "eyes" is not known: use vision or tesseract`},
		{"disk", `disk_size = -1`, `disk_size: -1 is too small`},
		{"screen without a name", "boot_screen_config {\n  matching_strings = [\"a\"]\n}", `2:1: block "boot_screen_config" needs option "screen_name"`},
		{"two screens of a name", "boot_screen_config {\n  screen_name = \"a\"\n}\nboot_screen_config {\n  screen_name = \"a\"\n  matching_strings = [\"b\"]\n}", `6:17: boot_screen_config[1].screen_name: there is another screen "a"`},
		{"two screens without texts", "boot_screen_config {\n  screen_name = \"a\"\n}\nboot_screen_config {\n  screen_name = \"b\"\n}", `6:17: boot_screen_config[1].screen_name: two screens have no matching_strings`},
		{"boot command of a screen", "boot_screen_config {\n  screen_name = \"a\"\n  boot_command = [\"<wait-1s>\"]\n}", `4:18: boot_screen_config[0].boot_command: <wait-1s> is no pause`},
	})
	templatetest.Rules(t, kinds(), `
source "parallels-macvm" "x" {
  source_path      = "testdata"
  ssh_username     = "root"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"missing machine", `source_path = "missing.macvm"`, `source_path: stat missing.macvm`},
		{"view of a clone", `startup_view = "fullscreen"`, `startup_view: a machine with macOS`},
	})
}
