package proxmox

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func kinds() template.Set[machine.Builder] { return template.NewSet(ISO(none), Clone(none)) }

func TestEveryOption(t *testing.T) {
	t.Parallel()
	// Key files and old names have tests of their own.
	templatetest.Full(t, kinds(), "testdata/every.json", []string{
		"ssh_private_key_file", "ssh_certificate_file", "ssh_bastion_private_key_file", "ssh_bastion_certificate_file",
		"ssh_wait_timeout", "iso_checksum_type", "iso_checksum_url",
		"iso_checksum", "iso_url", "iso_urls", "iso_target_path", "iso_target_extension", "iso_file", "iso_storage_pool", "iso_download_pve",
		"unmount_iso", "disks.storage_pool_type", "efidisk", "boot_iso.device", "boot_iso.iso_checksum_type", "boot_iso.iso_checksum_url",
		"additional_iso_files.device", "additional_iso_files.iso_checksum_type", "additional_iso_files.iso_checksum_url",
	})
}

func none(string) string { return "" }
