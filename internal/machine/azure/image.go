package azure

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Forms of names. How long one may be is counted apart: a count in a regular expression
// is a copy for each, made whenever the program starts.
var (
	container     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	managedImage  = regexp.MustCompile(`^[^_\W][\w\-._)]*$`)
	resourceGroup = regexp.MustCompile(`^[^_\W][\w\-._()]*$`)
	snapshot      = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	prefix        = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
	version       = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
)

// CleanName puts dashes for what names of images may not hold, and none at the end.
func CleanName(s string) string {
	b := []byte(s)
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-", c) >= 0) {
			b[i] = '-'
		}
	}
	return strings.TrimRight(string(b), "-_.")
}

// checkName looks at a name of Azure, which does not end with a dot or a dash.
func checkName(option, name string, form *regexp.Regexp, most int, what string) error {
	if name == "" || len(name) <= most && form.MatchString(name) && !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, "-") {
		return nil
	}
	return template.At(option, fmt.Errorf("%q is no such name: it has %d %s", name, most, what))
}

func checkGroup(option, name string) error {
	return checkName(option, name, resourceGroup, 90, "letters, digits and -._() at most, begins with a letter or digit and does not end with . or -")
}

func (s Source) check() error {
	g := s.Gallery
	var kinds []string
	for _, k := range []struct {
		option string
		given  bool
	}{
		{"image_url", s.URL != ""},
		{"custom_managed_image_name", s.CustomName != "" || s.CustomResourceGroup != ""},
		{"shared_image_gallery", g.Name != "" || g.CommunityImage != "" || g.DirectImage != "" || g.ID != ""},
		{"image_publisher", s.Publisher != "" || s.Offer != "" || s.SKU != ""},
	} {
		if k.given {
			kinds = append(kinds, k.option)
		}
	}
	errs := []error{s.Plan.check()}
	if len(kinds) > 1 {
		return errors.Join(append(errs, template.At(kinds[1], fmt.Errorf("excludes %s: a machine starts from one image", kinds[0])))...)
	}
	var needed map[string]string
	if len(kinds) == 0 {
		for _, o := range []string{"image_publisher", "image_offer", "image_sku"} {
			errs = append(errs, template.Missing(o, "image_url", "custom_managed_image_name", "shared_image_gallery"))
		}
		return errors.Join(errs...)
	}
	switch kinds[0] {
	case "shared_image_gallery":
		errs = append(errs, g.check())
	case "image_publisher":
		needed = map[string]string{"image_publisher": s.Publisher, "image_offer": s.Offer, "image_sku": s.SKU}
	case "custom_managed_image_name":
		needed = map[string]string{"custom_managed_image_name": s.CustomName, "custom_managed_image_resource_group_name": s.CustomResourceGroup}
	}
	if kinds[0] == "image_url" && s.Version != "" {
		errs = append(errs, template.At("image_version", errors.New("excludes image_url: it is of a platform image")))
	}
	return errors.Join(append(errs, missing("", needed))...)
}

// missing reports which of the needed options are empty.
func missing(path string, needed map[string]string) error {
	var errs []error
	for name, value := range needed {
		if value == "" {
			errs = append(errs, template.Missing(path+name))
		}
	}
	return errors.Join(errs...)
}

func (g Gallery) check() error {
	const path = "shared_image_gallery."
	others := []struct{ name, value string }{
		{"subscription", g.Subscription}, {"resource_group", g.ResourceGroup}, {"image_name", g.Image}, {"image_version", g.Version},
	}
	var errs []error
	exclude := func(name, value, other string) {
		if value != "" {
			errs = append(errs, template.At(path+name, fmt.Errorf("excludes %s: an image is named in one way", other)))
		}
	}
	switch {
	case g.CommunityImage != "" || g.DirectImage != "":
		other := "community_gallery_image_id"
		if g.CommunityImage == "" {
			other = "direct_shared_gallery_image_id"
		} else {
			exclude("direct_shared_gallery_image_id", g.DirectImage, other)
		}
		exclude("gallery_name", g.Name, other)
		exclude("id", g.ID, other)
	case g.Name != "":
		exclude("id", g.ID, "gallery_name")
		errs = append(errs, missing(path, map[string]string{"subscription": g.Subscription, "resource_group": g.ResourceGroup, "image_name": g.Image}))
	case g.ID != "":
		for _, o := range others {
			exclude(o.name, o.value, "id")
		}
	}
	return errors.Join(errs...)
}

func (p Plan) check() error {
	if p == (Plan{}) {
		return nil
	}
	return missing("plan_info.", map[string]string{"plan_name": p.Name, "plan_product": p.Product, "plan_publisher": p.Publisher})
}

// check looks at each part of what is made.
func (r Result) check() error {
	errs := []error{
		checkName("managed_image_name", r.ImageName, managedImage, 80, "letters, digits and -._) at most, begins with a letter or digit and does not end with . or -"),
		checkGroup("managed_image_resource_group_name", r.ImageGroup),
		checkName("managed_image_os_disk_snapshot_name", r.OSSnapshot, snapshot, 79, "letters, digits and _ at most"),
		checkName("managed_image_data_disk_snapshot_prefix", r.DataSnapshotPrefix, snapshot, 59, "letters, digits and _ at most"),
		template.OneOf("managed_image_storage_account_type", r.ImageStorageType, "Standard_LRS", "StandardSSD_LRS", "Premium_LRS"),
		r.Destination.check(r.GalleryReplicas),
	}
	if c := r.CaptureContainer; c != "" && (len(c) < 3 || len(c) > 63 || !container.MatchString(c) || strings.HasSuffix(c, "-") || strings.Contains(c, "--")) {
		errs = append(errs, template.At("capture_container_name", fmt.Errorf("%q is no such name: it has 3 to 63 lower case letters, digits and single dashes, and none at its ends", c)))
	}
	if len(r.Tags)+len(r.Tag) > 50 {
		errs = append(errs, template.At("azure_tags", fmt.Errorf("%d are too many: things have 50 tags at most", len(r.Tags)+len(r.Tag))))
	}
	for k, v := range r.Tags {
		if len(k) > 512 || len(v) > 256 {
			errs = append(errs, template.At("azure_tags", fmt.Errorf("tag %.20q is too long: names have 512 characters at most, values 256", k)))
		}
	}
	return errors.Join(errs...)
}

// checkResult looks at how the parts go together.
func (c Config) checkResult() error {
	var errs []error
	gallery := c.Destination.Gallery != ""
	switch {
	case c.ImageName != "" && c.ImageGroup == "":
		errs = append(errs, template.Missing("managed_image_resource_group_name"))
	case c.ImageName == "" && c.ImageGroup != "":
		errs = append(errs, template.Missing("managed_image_name"))
	case c.ImageName == "" && !gallery && !c.SkipCreate:
		if c.CaptureContainer == "" {
			errs = append(errs, template.IfKnown(template.Missing("managed_image_name", "capture_container_name", "shared_image_gallery_destination"), "skip_create_image"))
		} else {
			errs = append(errs, missing("", map[string]string{"storage_account": c.StorageAccount, "resource_group_name": c.Result.ResourceGroup}))
		}
	case (c.StorageAccount == "") != (c.Result.ResourceGroup == ""):
		option := "storage_account"
		if c.StorageAccount == "" {
			option = "resource_group_name"
		}
		errs = append(errs, template.IfKnown(template.Warning(template.At(option, errors.New("storage_account and resource_group_name, its resource group, belong together"))), "storage_account", "resource_group_name"))
	}
	if c.URL != "" && c.ImageGroup != "" {
		errs = append(errs, template.At("image_url", errors.New("no managed image can be made of a VHD")))
	}
	if c.CustomName != "" && c.ImageName == "" {
		errs = append(errs, template.Missing("managed_image_name"))
	}
	if c.ImageName != "" || c.ImageGroup != "" {
		for option, given := range map[string]bool{"secure_boot_enabled": c.SecureBoot, "vtpm_enabled": c.VTPM, "shared_image_gallery_destination.specialized": c.Destination.Specialized} {
			if given {
				errs = append(errs, template.At(option, errors.New("is not for managed images: make a version of a gallery image")))
			}
		}
	}
	return errors.Join(errs...)
}

func (d Destination) check(replicas int64) error {
	const path = "shared_image_gallery_destination."
	errs := []error{
		template.OneOf(path+"storage_account_type", d.StorageType, "Standard_LRS", "Standard_ZRS", "Premium_LRS"),
		template.OneOf(path+"confidential_vm_image_encryption_type", d.EncryptionType, "EncryptedWithCmk", "EncryptedVMGuestStateOnlyWithPmk", "EncryptedWithPmk"),
	}
	if d.Gallery == "" {
		return errors.Join(errs...)
	}
	errs = append(errs, missing(path, map[string]string{"resource_group": d.ResourceGroup, "image_name": d.Image, "image_version": d.Version}))
	if d.Version != "" && !version.MatchString(d.Version) {
		errs = append(errs, template.At(path+"image_version", fmt.Errorf("%q is no version such as 1.0.0", d.Version)))
	}
	if len(d.TargetRegions) > 0 && len(d.Regions) > 0 {
		errs = append(errs, template.At(path+"replication_regions", errors.New("excludes target_region: give one of them")))
	}
	if len(d.TargetRegions) > 0 && replicas != 0 {
		errs = append(errs, template.At("shared_image_gallery_replica_count", errors.New("excludes target_region: give each its replicas")))
	}
	if d.Shallow {
		if len(d.Regions) > 1 || len(d.TargetRegions) > 1 {
			errs = append(errs, template.At(path+"use_shallow_replication", errors.New("is for one region")))
		}
		if replicas > 1 {
			errs = append(errs, template.At("shared_image_gallery_replica_count", errors.New("is 1 with use_shallow_replication")))
		}
	}
	if d.EncryptionType != "" && d.EncryptionType != withCustomerKey {
		if i := slices.IndexFunc(d.TargetRegions, func(r TargetRegion) bool { return r.EncryptionSetID != "" }); i >= 0 {
			errs = append(errs, template.At(path+"target_region["+strconv.Itoa(i)+"].disk_encryption_set_id", errors.New("needs confidential_vm_image_encryption_type = EncryptedWithCmk")))
		}
	}
	return errors.Join(errs...)
}

const (
	confidential    = "ConfidentialVM"
	withCustomerKey = "EncryptedWithCmk"
)

func (s Security) check() error {
	errs := []error{
		template.OneOf("security_type", s.Type, "TrustedLaunch", confidential),
		template.OneOf("security_encryption_type", s.EncryptionType, "VMGuestStateOnly", "DiskWithVMGuestState"),
	}
	if s.EncryptionType != "" && s.Type != confidential {
		errs = append(errs, template.IfKnown(template.At("security_encryption_type", errors.New("needs security_type = ConfidentialVM")), "security_type"))
	}
	return errors.Join(errs...)
}

// checkConfidential looks at what only versions of gallery images can have, and how
// the encryption of the machine goes with that of its image.
func (c Config) checkConfidential() error {
	var errs []error
	if c.CaptureContainer != "" || c.CapturePrefix != "" || c.ImageName != "" {
		only := errors.New("is not for VHDs and managed images: make a version of a gallery image")
		if c.Security.Type == confidential {
			errs = append(errs, template.At("security_type", only))
		}
		if c.EncryptionSet != "" {
			errs = append(errs, template.At("disk_encryption_set_id", only))
		}
	}
	const path = "shared_image_gallery_destination."
	made := c.Destination.EncryptionType
	fits := map[string][]string{
		"VMGuestStateOnly":     {"EncryptedVMGuestStateOnlyWithPmk"},
		"DiskWithVMGuestState": {"EncryptedWithPmk", withCustomerKey},
	}[c.Security.EncryptionType]
	if made != "" && fits != nil && !slices.Contains(fits, made) {
		errs = append(errs, template.At(path+"confidential_vm_image_encryption_type", fmt.Errorf("%q does not go with security_encryption_type %s: use %s", made, c.Security.EncryptionType, strings.Join(fits, " or "))))
	}
	if c.Security.Type != confidential || made != withCustomerKey {
		return errors.Join(errs...)
	}
	if c.EncryptionSet == "" {
		return errors.Join(append(errs, template.Missing("disk_encryption_set_id"))...)
	}
	for i, r := range c.Destination.TargetRegions {
		if r.EncryptionSetID == "" {
			errs = append(errs, template.Missing(path+"target_region["+strconv.Itoa(i)+"].disk_encryption_set_id"))
		}
	}
	return errors.Join(errs...)
}
