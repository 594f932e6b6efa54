// Package azure is Microsoft Azure: the builder of its images.
package azure

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type azure-arm.
type Config struct {
	Access
	Source
	Result
	VM
	Disks
	Network
	Place
	Security
	connect.Config

	// Templates in JSON have them, since Packer takes them there.
	UserName string `opt:"username" doc:"No effect: give ssh_username or winrm_username."`
	Password string `opt:"password" doc:"No effect: give ssh_password or winrm_password."`
}

// Access says who asks Azure: a service principal, the Azure CLI, or the managed
// identity of the host when nothing is given.
type Access struct {
	Cloud              string        `opt:"cloud_environment_name" doc:"Which Azure: Public, China or USGovernment; Public when not given."`
	MetadataHost       string        `opt:"metadata_host" doc:"Host that describes the Azure, instead of a known one."`
	SubscriptionID     string        `opt:"subscription_id" doc:"Subscription to work in."`
	TenantID           string        `opt:"tenant_id" doc:"Tenant of the service principal."`
	ClientID           string        `opt:"client_id" doc:"The service principal."`
	ClientSecret       string        `opt:"client_secret" doc:"Its secret."`
	ClientCertPath     string        `opt:"client_cert_path" doc:"File of its certificate, instead of a secret."`
	ClientCertPassword string        `opt:"client_cert_password" doc:"Password of the certificate."`
	ClientCertTimeout  time.Duration `opt:"client_cert_token_timeout" doc:"How long a token made with the certificate counts."`
	ClientJWT          string        `opt:"client_jwt" doc:"Its token, instead of a secret."`
	OIDCRequestToken   string        `opt:"oidc_request_token" doc:"Token to ask an OIDC provider with, instead of a secret."`
	OIDCRequestURL     string        `opt:"oidc_request_url" doc:"URL of that provider."`
	ObjectID           string        `opt:"object_id" doc:"Object of the service principal; found out when not given."`
	UseCLI             bool          `opt:"use_azure_cli_auth" doc:"Work as the Azure CLI is logged in."`
}

// Source is what the machine starts from: one of a platform image, an own managed
// image, a gallery image and a disk.
type Source struct {
	Publisher           string  `opt:"image_publisher" doc:"Publisher of the platform image."`
	Offer               string  `opt:"image_offer" doc:"Offer of the platform image."`
	SKU                 string  `opt:"image_sku" doc:"SKU of the platform image."`
	Version             string  `opt:"image_version" doc:"Version of the platform image; latest when not given."`
	URL                 string  `opt:"image_url" doc:"URL of a VHD."`
	CustomName          string  `opt:"custom_managed_image_name" doc:"Own managed image."`
	CustomResourceGroup string  `opt:"custom_managed_image_resource_group_name" doc:"Resource group of the own managed image."`
	Gallery             Gallery `opt:"shared_image_gallery" doc:"Image of a gallery."`
	Plan                Plan    `opt:"plan_info" doc:"Plan of a marketplace image."`
}

// Gallery names an image of a gallery.
type Gallery struct {
	ID             string `opt:"id" doc:"The image by its resource id."`
	Subscription   string `opt:"subscription" doc:"Subscription of the gallery."`
	ResourceGroup  string `opt:"resource_group" doc:"Resource group of the gallery."`
	Name           string `opt:"gallery_name" doc:"The gallery."`
	Image          string `opt:"image_name" doc:"The image definition."`
	Version        string `opt:"image_version" doc:"Version of the image; the newest when not given."`
	CommunityImage string `opt:"community_gallery_image_id" doc:"Image of a community gallery, by its id."`
	DirectImage    string `opt:"direct_shared_gallery_image_id" doc:"Image of a gallery that is shared directly, by its id."`
}

// Plan is the plan of a marketplace image.
type Plan struct {
	Name          string `opt:"plan_name" doc:"The plan."`
	Product       string `opt:"plan_product" doc:"Product of the plan."`
	Publisher     string `opt:"plan_publisher" doc:"Publisher of the plan."`
	PromotionCode string `opt:"plan_promotion_code" doc:"Promotion code."`
}

// Result is what is made: a managed image, a version of a gallery image, or a VHD.
type Result struct {
	SkipCreate           bool              `opt:"skip_create_image" doc:"Do everything but make the image."`
	ImageName            string            `opt:"managed_image_name" doc:"Managed image to make."`
	ImageGroup           string            `opt:"managed_image_resource_group_name" doc:"Resource group of the managed image; it must exist."`
	ImageStorageType     string            `opt:"managed_image_storage_account_type" doc:"Storage of the managed image: Standard_LRS, StandardSSD_LRS or Premium_LRS."`
	ImageZoneResilient   bool              `opt:"managed_image_zone_resilient" doc:"Keep the managed image in several zones."`
	OSSnapshot           string            `opt:"managed_image_os_disk_snapshot_name" doc:"Snapshot of the OS disk to make as well."`
	DataSnapshotPrefix   string            `opt:"managed_image_data_disk_snapshot_prefix" doc:"How the names of snapshots of the data disks begin."`
	KeepOSDisk           bool              `opt:"keep_os_disk" doc:"Keep the OS disk after the build."`
	CaptureContainer     string            `opt:"capture_container_name" doc:"Container of the storage account that the VHD goes to."`
	CapturePrefix        string            `opt:"capture_name_prefix" doc:"How the name of the VHD begins."`
	StorageAccount       string            `opt:"storage_account" doc:"Storage account that the VHD goes to."`
	ResourceGroup        string            `opt:"resource_group_name" doc:"Resource group of the storage account."`
	Destination          Destination       `opt:"shared_image_gallery_destination" doc:"Version of a gallery image to make."`
	GalleryTimeout       time.Duration     `opt:"shared_image_gallery_timeout" default:"60m" doc:"How long to wait for the gallery."`
	GalleryEndOfLife     string            `opt:"shared_gallery_image_version_end_of_life_date" doc:"When the version ends, in RFC 3339."`
	GalleryReplicas      int64             `opt:"shared_image_gallery_replica_count" doc:"How many copies each region has."`
	GalleryExcludeLatest bool              `opt:"shared_gallery_image_version_exclude_from_latest" doc:"latest does not mean this version."`
	Tags                 map[string]string `opt:"azure_tags" doc:"Tags of everything that is made: up to 50, names of up to 512 characters, values of up to 256."`
	Tag                  []Tag             `opt:"azure_tag" doc:"The same as a block for each tag."`
}

// Tag is one tag as a block.
type Tag struct {
	Name  string `opt:"name" doc:"Name of the tag."`
	Value string `opt:"value" doc:"Value of the tag."`
}

// Destination is a version of a gallery image.
type Destination struct {
	Subscription   string         `opt:"subscription" doc:"Subscription of the gallery; that of the build when not given."`
	ResourceGroup  string         `opt:"resource_group" doc:"Resource group of the gallery."`
	Gallery        string         `opt:"gallery_name" doc:"The gallery."`
	Image          string         `opt:"image_name" doc:"The image definition."`
	Version        string         `opt:"image_version" doc:"The version, such as 1.0.0."`
	Regions        []string       `opt:"replication_regions" doc:"Regions to copy the version to."`
	TargetRegions  []TargetRegion `opt:"target_region" doc:"The same as a block for each region."`
	StorageType    string         `opt:"storage_account_type" doc:"Storage of the version: Standard_LRS, Standard_ZRS or Premium_LRS."`
	Specialized    bool           `opt:"specialized" doc:"Leave the machine's own identity in the image."`
	Shallow        bool           `opt:"use_shallow_replication" doc:"Make the version quickly, with one copy in one region."`
	EncryptionType string         `opt:"confidential_vm_image_encryption_type" doc:"Encryption of a confidential image: EncryptedVMGuestStateOnlyWithPmk, EncryptedWithPmk or EncryptedWithCmk."`
}

// TargetRegion is a region to copy a version to.
type TargetRegion struct {
	Name            string `opt:"name,required" doc:"The region."`
	EncryptionSetID string `opt:"disk_encryption_set_id" doc:"Disk encryption set of the region."`
	Replicas        int64  `opt:"replicas" doc:"How many copies the region has."`
}

// VM is the machine that is provisioned.
type VM struct {
	OSType         string        `opt:"os_type,required" doc:"Linux or Windows."`
	Size           string        `opt:"vm_size" default:"Standard_A1" doc:"Size of the machine."`
	ComputeName    string        `opt:"temp_compute_name" doc:"Name of the machine."`
	Spot           Spot          `opt:"spot" doc:"Ask for a spot machine."`
	LicenseType    string        `opt:"license_type" doc:"Own license: RHEL_BYOS or SLES_BYOS; Windows_Client or Windows_Server."`
	Identities     []string      `opt:"user_assigned_managed_identities" doc:"Managed identities of the machine, by resource id."`
	CustomData     string        `opt:"custom_data" doc:"Custom data of the machine, in base64."`
	CustomDataFile string        `opt:"custom_data_file" doc:"File of the custom data."`
	UserData       string        `opt:"user_data" doc:"User data of the machine, in base64."`
	UserDataFile   string        `opt:"user_data_file" doc:"File of the user data."`
	CustomScript   string        `opt:"custom_script" doc:"Command that the machine runs by the custom script extension."`
	BootDiagnosis  string        `opt:"boot_diag_storage_account" doc:"Storage account of the boot diagnostics."`
	WinRMExpires   time.Duration `opt:"winrm_expiration_time" doc:"How long the WinRM certificate counts."`
	PollingTimeout time.Duration `opt:"polling_duration_timeout" default:"15m" doc:"How long to wait for what Azure does."`
}

// Spot asks for a spot machine.
type Spot struct {
	Eviction string  `opt:"eviction_policy" doc:"What happens to a machine that is taken away: Deallocate or Delete."`
	MaxPrice float64 `opt:"max_price" doc:"Highest price in US dollars an hour; any when not given."`
}

// Disks are the disks of the machine.
type Disks struct {
	OSDiskName     string        `opt:"temp_os_disk_name" doc:"Name of the OS disk."`
	OSDiskSize     int           `opt:"os_disk_size_gb" doc:"Size of the OS disk in GB; that of the source when not given."`
	DataDiskSizes  []int         `opt:"disk_additional_size" doc:"Sizes of further disks in GB."`
	DataDiskLUNs   []int         `opt:"disk_additional_luns" doc:"Their logical unit numbers."`
	Caching        string        `opt:"disk_caching_type" doc:"None, ReadOnly or ReadWrite; ReadWrite when not given."`
	Controller     string        `opt:"disk_controller_type" doc:"SCSI or NVMe."`
	EncryptionSet  string        `opt:"disk_encryption_set_id" doc:"Disk encryption set, by resource id."`
	SASTokenLength time.Duration `opt:"sas_token_duration" default:"24h" doc:"How long the links to disks count that are made at the end."`
}

// Network says what the machine is connected to.
type Network struct {
	VirtualNetwork string   `opt:"virtual_network_name" doc:"Network that exists, instead of a temporary one; the machine has no public address then."`
	Subnet         string   `opt:"virtual_network_subnet_name" doc:"Subnet of that network."`
	NetworkGroup   string   `opt:"virtual_network_resource_group_name" doc:"Resource group of that network."`
	PublicIP       bool     `opt:"private_virtual_network_with_public_ip" doc:"Give the machine a public address in that network too."`
	PublicIPSKU    string   `opt:"public_ip_sku" doc:"Kind of the public address: Standard or Basic."`
	Inbound        []string `opt:"allowed_inbound_ip_addresses" doc:"Addresses and networks that may connect to the machine."`
	NICName        string   `opt:"temp_nic_name" doc:"Name of the network interface."`
	Accelerated    *bool    `opt:"accelerated_networking" doc:"Use accelerated networking, or do not."`
}

// Place says where what the build needs is made.
type Place struct {
	Location       string `opt:"location" doc:"Region to build in, in a temporary resource group."`
	BuildGroup     string `opt:"build_resource_group_name" doc:"Resource group that exists to build in, instead of a region."`
	TemporaryGroup string `opt:"temp_resource_group_name" doc:"Name of the temporary resource group."`
	AsyncDelete    bool   `opt:"async_resourcegroup_delete" doc:"Do not wait until the temporary resource group is gone."`
	Prefix         string `opt:"custom_resource_build_prefix" doc:"How names of temporary things begin: up to 10 letters, digits and dashes."`
	KeyVault       string `opt:"build_key_vault_name" doc:"Key vault that exists, for the WinRM certificate."`
	KeyVaultSecret string `opt:"build_key_vault_secret_name" default:"packerKeyVaultSecret" doc:"Name of the certificate there."`
	KeyVaultSKU    string `opt:"build_key_vault_sku" default:"standard" doc:"Kind of a temporary key vault: standard or premium."`
	SkipKeyVault   bool   `opt:"skip_create_build_key_vault" doc:"The machine has WinRM with a certificate of its own: make none."`
}

// Security says how the machine is protected.
type Security struct {
	SecureBoot     bool   `opt:"secure_boot_enabled" doc:"Start by secure boot."`
	VTPM           bool   `opt:"vtpm_enabled" doc:"Give the machine a TPM."`
	EncryptAtHost  *bool  `opt:"encryption_at_host" doc:"Encrypt what the host keeps of the machine's disks."`
	Type           string `opt:"security_type" doc:"TrustedLaunch or ConfidentialVM."`
	EncryptionType string `opt:"security_encryption_type" doc:"Encryption of a confidential machine: VMGuestStateOnly or DiskWithVMGuestState."`
}

// Kind makes images of machines.
func Kind() template.Kind[machine.Builder] {
	k := template.Valid[machine.Builder]("azure-arm", "images from a machine on Azure", Config.check)
	k.CleanName = CleanName
	return k
}
