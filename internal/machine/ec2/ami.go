package ec2

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

var errOwners = errors.New("needs owners, so that nobody else's image is taken")

// AMI is the image to make.
type AMI struct {
	Name                 string            `opt:"ami_name" doc:"Name of the AMI, unique in its region and account: 3 to 128 letters, digits and ()[] ./-'@_."`
	Description          template.Late     `opt:"ami_description" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Description of the AMI."`
	Virtualization       string            `opt:"ami_virtualization_type" doc:"Kind of virtualization: hvm or paravirtual."`
	Users                []string          `opt:"ami_users" doc:"Accounts that may launch the AMI."`
	Groups               []string          `opt:"ami_groups" doc:"Groups that may launch the AMI; all makes it public."`
	OrgARNs              []string          `opt:"ami_org_arns" doc:"Organizations that may launch the AMI."`
	OUARNs               []string          `opt:"ami_ou_arns" doc:"Organizational units that may launch the AMI."`
	ProductCodes         []string          `opt:"ami_product_codes" doc:"Product codes of the AMI."`
	Regions              []string          `opt:"ami_regions" doc:"Regions to copy the AMI to."`
	SkipRegionCheck      bool              `opt:"skip_region_validation" doc:"Take names of regions as they are."`
	CopyMinutes          *int64            `opt:"snapshot_copy_duration_minutes" doc:"In how many minutes snapshots are to be copied, in steps of 15."`
	Tags                 Tags              `opt:"tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the AMI and its snapshots."`
	Tag                  []KeyValue        `opt:"tag" doc:"The same as a block for each tag."`
	ENA                  *bool             `opt:"ena_support" doc:"The AMI has drivers for enhanced networking (ENA); the machine must be one of HVM."`
	SRIOV                bool              `opt:"sriov_support" doc:"The AMI has drivers for enhanced networking by the Intel interface."`
	ForceDeregister      bool              `opt:"force_deregister" doc:"Deregister an AMI of the same name first."`
	ForceDeleteSnapshot  bool              `opt:"force_delete_snapshot" doc:"Delete the snapshots of the AMI that is deregistered."`
	EncryptBoot          *bool             `opt:"encrypt_boot" doc:"Encrypt the AMI or do not, whatever the source is; as the source is when not given."`
	KMSKey               string            `opt:"kms_key_id" doc:"Key to encrypt with, instead of the account's default one."`
	RegionKMSKeys        map[string]string `opt:"region_kms_key_ids" doc:"Key for each region of ami_regions; an empty one is the region's default."`
	SkipBuildRegion      bool              `opt:"skip_save_build_region" doc:"Keep the copies alone, not the AMI in the region of the build."`
	IMDS                 string            `opt:"imds_support" doc:"v2.0: machines of the AMI ask for tokens at their metadata service."`
	DeprecateAt          string            `opt:"deprecate_at" doc:"When the AMI becomes deprecated, such as 2027-01-31T00:00:00Z."`
	DeregisterProtection Protection        `opt:"deregistration_protection" doc:"Protection from deregistration."`
	Snapshots
}

// Protection keeps an AMI from being deregistered.
type Protection struct {
	Enabled  bool `opt:"enabled" doc:"Protect the AMI."`
	Cooldown bool `opt:"with_cooldown" doc:"Protect it for 24 hours after the protection has been taken away too."`
}

// Snapshots are the snapshots behind an image.
type Snapshots struct {
	SnapshotTags   Tags       `opt:"snapshot_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the snapshots, over those of the AMI."`
	SnapshotTag    []KeyValue `opt:"snapshot_tag" doc:"The same as a block for each tag."`
	SnapshotUsers  []string   `opt:"snapshot_users" doc:"Accounts that may make volumes of the snapshots."`
	SnapshotGroups []string   `opt:"snapshot_groups" doc:"Groups that may; all makes the snapshots public."`
}

func (a AMI) check() error {
	var errs []error
	if a.Name == "" {
		errs = append(errs, template.Missing("ami_name"))
	} else {
		errs = append(errs, template.At("ami_name", checkName(a.Name)))
	}
	if a.DeprecateAt != "" {
		if _, err := time.Parse(time.RFC3339, a.DeprecateAt); err != nil {
			errs = append(errs, template.At("deprecate_at", fmt.Errorf("%q is no time: write it like 2027-01-31T00:00:00Z", a.DeprecateAt)))
		}
	}
	return errors.Join(append(errs, checkIMDS(a.IMDS), a.checkRegions(), a.checkKeys(), a.checkSharing())...)
}

func checkIMDS(version string) error {
	if version != "" && version != "v2.0" {
		return template.At("imds_support", fmt.Errorf("%q is not known: the only value is v2.0", version))
	}
	return nil
}

// checkRegions compares the regions that have keys with those that have copies.
func (a AMI) checkRegions() error {
	var errs []error
	for _, r := range slices.Sorted(maps.Keys(a.RegionKMSKeys)) {
		if !slices.Contains(a.Regions, r) {
			errs = append(errs, template.At("region_kms_key_ids", fmt.Errorf("region %s is not in ami_regions", r)))
		}
	}
	for _, r := range a.Regions {
		if _, ok := a.RegionKMSKeys[r]; !ok && len(a.RegionKMSKeys) > 0 {
			errs = append(errs, template.At("ami_regions", fmt.Errorf("region %s is not in region_kms_key_ids: give each a key or none", r)))
		}
	}
	return template.IfKnown(errors.Join(errs...), "ami_regions", "region_kms_key_ids")
}

func (a AMI) encrypted() bool { return a.EncryptBoot != nil && *a.EncryptBoot }

func (a AMI) checkKeys() error {
	var errs []error
	check := func(option, key string) {
		if !a.encrypted() {
			errs = append(errs, template.IfKnown(template.At(option, errors.New("needs encrypt_boot = true")), "encrypt_boot"))
		}
		errs = append(errs, template.At(option, checkKey(key)))
	}
	if a.KMSKey != "" {
		check("kms_key_id", a.KMSKey)
	}
	for _, r := range slices.Sorted(maps.Keys(a.RegionKMSKeys)) {
		if key := a.RegionKMSKeys[r]; key != "" {
			check("region_kms_key_ids."+r, key)
		}
	}
	return errors.Join(errs...)
}

// checkSharing refuses to share what others could not decrypt.
func (a AMI) checkSharing() error {
	var errs []error
	for _, o := range []struct {
		name   string
		shared bool
	}{
		{"ami_users", len(a.Users) > 0}, {"ami_org_arns", len(a.OrgARNs) > 0}, {"ami_ou_arns", len(a.OUARNs) > 0}, {"snapshot_users", len(a.SnapshotUsers) > 0},
	} {
		if !o.shared {
			continue
		}
		if a.encrypted() && a.KMSKey == "" && len(a.RegionKMSKeys) == 0 {
			errs = append(errs, template.IfKnown(template.At(o.name, errors.New("what is encrypted with the account's default key cannot be shared: give kms_key_id")), "kms_key_id"))
		}
		if slices.Contains(slices.Collect(maps.Values(a.RegionKMSKeys)), "") {
			errs = append(errs, template.IfKnown(template.At(o.name, errors.New("what is encrypted with a region's default key cannot be shared: give each region of region_kms_key_ids a key")), "region_kms_key_ids"))
		}
	}
	return errors.Join(errs...)
}
