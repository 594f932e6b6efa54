package qemu

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func kinds() template.Set[machine.Builder] { return template.NewSet(Kind(Deps{State: "state"})) }

func TestEveryOption(t *testing.T) {
	t.Parallel()
	// Key files and old names have tests of their own.
	templatetest.Full(t, kinds(), "testdata/every.json", []string{
		"ssh_private_key_file", "ssh_certificate_file", "ssh_bastion_private_key_file", "ssh_bastion_certificate_file",
		"ssh_wait_timeout", "iso_checksum_type", "iso_checksum_url", "ssh_host_port_min", "ssh_host_port_max", "ssh_skip_nat_mapping",
	})
}
