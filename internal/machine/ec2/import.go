package ec2

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ImportConfig is a post-processor block of type amazon-import.
type ImportConfig struct {
	Access
	Bucket          string            `opt:"s3_bucket_name,required" doc:"S3 bucket that the image goes to; it must exist."`
	Key             template.Late     `opt:"s3_key_name" doc:"Name of the object; packer-import-{{timestamp}} and the format when not given."`
	Encryption      string            `opt:"s3_encryption" doc:"Encryption of the object: AES256 or aws:kms."`
	EncryptionKey   string            `opt:"s3_encryption_key" doc:"Key of aws:kms."`
	SkipClean       bool              `opt:"skip_clean" doc:"Leave the object in the bucket."`
	Format          string            `opt:"format" default:"ova" doc:"Format of the image: ova, raw, vhd, vhdx or vmdk."`
	Architecture    string            `opt:"architecture" default:"x86_64" doc:"Architecture of the image."`
	BootMode        string            `opt:"boot_mode" doc:"legacy-bios or uefi; as the architecture wants it when not given."`
	Platform        string            `opt:"platform" doc:"linux or windows."`
	LicenseType     string            `opt:"license_type" doc:"AWS or BYOL."`
	RoleName        string            `opt:"role_name" doc:"Role of the import; vmimport when not given."`
	Name            string            `opt:"ami_name" doc:"Name of the AMI; that of the import task when not given."`
	Description     string            `opt:"ami_description" doc:"Description of the AMI."`
	Tags            map[string]string `opt:"tags" doc:"Tags of the AMI and its snapshots."`
	Users           []string          `opt:"ami_users" doc:"Accounts that may launch the AMI."`
	Groups          []string          `opt:"ami_groups" doc:"Groups that may launch the AMI; all makes it public."`
	OrgARNs         []string          `opt:"ami_org_arns" doc:"Organizations that may launch the AMI."`
	OUARNs          []string          `opt:"ami_ou_arns" doc:"Organizational units that may launch the AMI."`
	Encrypt         bool              `opt:"ami_encrypt" doc:"Encrypt the AMI."`
	KMSKey          string            `opt:"ami_kms_key" doc:"Key to encrypt it with."`
	IMDS            string            `opt:"imds_support" doc:"v2.0: machines of the AMI ask for tokens at their metadata service."`
	SkipRegionCheck bool              `opt:"skip_region_validation" doc:"Take names of regions as they are."`
}

// Import makes an AMI of a disk image.
func Import() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("amazon-import", "make an AMI of a disk image", func(c ImportConfig) error {
		return errors.Join(c.Access.check(), checkIMDS(c.IMDS), c.checkBoot(),
			template.OneOf("format", c.Format, "ova", "raw", "vhd", "vhdx", "vmdk"),
			template.OneOf("platform", c.Platform, "linux", "windows"),
			template.OneOf("s3_encryption", c.Encryption, "AES256", "aws:kms"))
	})
}

func (c ImportConfig) checkBoot() error {
	mode := c.BootMode
	if mode == "" && c.Architecture == "arm64" {
		mode = uefi
	}
	errs := []error{template.OneOf("boot_mode", mode, bios, uefi)}
	if mode == uefi && c.Platform == "" {
		errs = append(errs, template.IfKnown(template.Missing("platform"), "boot_mode"))
	}
	if mode == bios && c.Architecture == "arm64" {
		errs = append(errs, template.At("boot_mode", fmt.Errorf("%s machines start by uefi", c.Architecture)))
	}
	return errors.Join(errs...)
}
