package install

import (
	"errors"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

// config is a configuration that embeds everything, as that of a builder does.
type config struct {
	ISO
	HTTP
	Floppy
	CD
	VNC
	Output
	Shutdown
	HostPort
}

func machines() template.Set[any] {
	return template.NewSet(template.Valid[any]("machine", "", func(c config) error {
		return errors.Join(c.ISO.Check(), c.HTTP.Check(), c.Floppy.Check(), c.CD.Check(),
			c.VNC.Check(HTTPIP, HTTPPort, Name), c.Shutdown.Check(), c.HostPort.Check())
	}))
}

func TestEveryOption(t *testing.T) {
	t.Parallel()
	templatetest.Full(t, machines(), "testdata/every.json", []string{
		"iso_checksum_type", "iso_checksum_url", "ssh_host_port_min", "ssh_host_port_max", "ssh_skip_nat_mapping",
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	const digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	templatetest.Rules(t, machines(), `
source "machine" "x" {
  iso_url          = "debian.iso"
  iso_checksum     = "`+digest+`"
  shutdown_command = "halt"
}`, []templatetest.Rule{
		{"no medium", `-iso_url`, `1:1: block "machine" needs option "iso_url" or "iso_urls"`},
		{"empty medium", `iso_url = ""`, `2:11: option "iso_url" is empty`},
		{"medium known later", `iso_url = build.ID`, ""},
		{"two media", `iso_urls = ["a", "b"]`, `2:12: iso_urls: give either iso_url or iso_urls, not both`},
		{"no checksum", `-iso_checksum`, `needs option "iso_checksum"`},
		{"checksum known later", `iso_checksum = build.ID`, ""},
		{"wrong checksum", `iso_checksum = "sha256:zz"`, `2:16: iso_checksum: "sha256:zz" is no digest`},
		{"no digest", `iso_checksum = "sha256:"`, `2:16: warning: iso_checksum: the digest is empty`},
		{"missing list", `iso_checksum = "file:./missing"`, `iso_checksum: stat ./missing: no such file`},
		{"list elsewhere", `iso_checksum = "file:https://host/missing"`, ""},
		{"without checksum", `iso_checksum = "none"`, `2:16: warning: iso_checksum: without a digest any file is taken`},
		{"old list", `iso_checksum_url = "https://host/SUMS"`, `2:20: warning: iso_checksum_url: it is old`},
		{"old type", "iso_checksum = \"00000000000000000000000000000000\"\niso_checksum_type = \"md5\"", `warning: iso_checksum_type: it is old`},
		{"two places of files", "http_directory = \"d\"\nhttp_content = { \"/a\" = \"b\" }", `3:16: http_content: give either http_directory or http_content`},
		{"two addresses", "http_bind_address = \"::\"\nhttp_interface = \"lo\"", `3:18: http_interface: give either`},
		{"ports", "http_port_min = 9\nhttp_port_max = 8", `2:17: http_port_min: 9 is greater than http_port_max, 8`},
		{"ports known later", "http_port_min = 9001\nhttp_port_max = build.Port", ""},
		{"port", `http_port_max = 65536`, `http_port_max: 65536 is too great: at most 65535`},
		{"protocol", `http_network_protocol = "udp"`, `http_network_protocol: "udp" is not known: use tcp, tcp4`},
		{"floppy file", `floppy_files = ["testdata/every.json", "missing"]`, `2:40: floppy_files[1]: stat missing: no such file`},
		{"empty file", `floppy_files = [""]`, `floppy_files[0]: stat : no such file`},
		{"file known later", `floppy_files = [build.ID]`, ""},
		{"pattern", `floppy_files = ["missing*"]`, `2:17: warning: floppy_files[0]: no file matches "missing*"`},
		{"pattern that matches", `floppy_files = ["testdata/*"]`, ""},
		{"wrong pattern", `floppy_files = ["[a"]`, `floppy_files[0]: "[a": syntax error in pattern`},
		{"floppy directory", `floppy_dirs = ["missing"]`, `floppy_dirs[0]: stat missing`},
		{"file of the CD", `cd_files = ["missing"]`, `cd_files[0]: stat missing`},
		{"placeholder", `boot_command = ["{{ .HTTPHost }}"]`, `warning: boot_command: render "{{ .HTTPHost }}": {{.HTTPHost}} is not known here: did you mean "HTTPPort"?`},
		{"pause", `boot_command = ["<wa", "it-1s>"]`, `2:16: boot_command: <wait-1s> is no pause`},
		{"name of no key", `boot_command = ["<retrun>"]`, `warning: boot_command: <retrun> names no key: it is typed as it stands`},
		{"keys known later", `boot_command = ["<wait", build.ID]`, ""},
		{"nothing to type on", "disable_vnc = true\nboot_command = [\"<enter>\"]", `3:16: boot_command: it cannot be typed when VNC is disabled`},
		{"power cut", `-shutdown_command`, `1:1: warning: without shutdown_command the power of the machine is cut`},
		{"forwarded ports", `host_port_min = 5000`, `2:17: host_port_min: 5000 is greater than host_port_max, 4444`},
		{"negative port", `host_port_min = -1`, `host_port_min: -1 is too small: at least 0`},
		{"old port", `ssh_host_port_min = 2300`, `2:21: warning: ssh_host_port_min: it is old: use host_port_min`},
		{"old mapping", `ssh_skip_nat_mapping = true`, `warning: ssh_skip_nat_mapping: it is old: use skip_nat_mapping`},
	})
}

func TestOldOptions(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]ISO{
		"file:https://host/SUMS": {Checksum: "00", ChecksumType: "md5", ChecksumURL: "https://host/SUMS"},
		"md5:00":                 {Checksum: "00", ChecksumType: "md5"},
		"none":                   {Checksum: "00", ChecksumType: "none"},
		"00":                     {Checksum: "00"},
	} {
		if got := c.Medium().Checksum; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c := HostPort{Min: 2222, Max: 4444, OldMin: 3000, OldMax: 3001, OldSkipNAT: true}.Modern()
	if c.Min != 3000 || c.Max != 3001 || !c.SkipNAT {
		t.Errorf("old ports become %+v", c)
	}
}
