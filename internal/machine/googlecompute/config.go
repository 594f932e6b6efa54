// Package googlecompute is Google Compute Engine: the builder of its images, and what
// moves them.
package googlecompute

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type googlecompute.
type Config struct {
	Authentication
	Endpoints
	ProjectID string `opt:"project_id,required" doc:"Project to build in."`
	Zone      string `opt:"zone,required" doc:"Zone to start the machine in."`
	Region    string `opt:"region" doc:"Region of the machine; that of the zone when not given."`
	Source
	Image
	Machine
	Disk
	Network
	Scheduling
	Login
	connect.Config
}

// Authentication says who asks Google: one of its options. What is not given comes
// from the environment, as the Google Cloud libraries have it.
type Authentication struct {
	AccessToken     string `opt:"access_token" doc:"OAuth token."`
	AccountFile     string `opt:"account_file" doc:"Old name of credentials_file and credentials_json."`
	CredentialsFile string `opt:"credentials_file" doc:"File of credentials in JSON."`
	CredentialsJSON string `opt:"credentials_json" doc:"Credentials in JSON."`
	Impersonate     string `opt:"impersonate_service_account" doc:"Service account to work as."`
	VaultEngine     string `opt:"vault_gcp_oauth_engine" doc:"Path of a Vault engine that gives tokens."`
}

// Endpoints say where Google is.
type Endpoints struct {
	Universe string            `opt:"universe_domain" doc:"Domain of the cloud; googleapis.com when not given."`
	Custom   map[string]string `opt:"custom_endpoints" doc:"URLs of services other than Google's."`
}

// Source is what the machine starts from.
type Source struct {
	SourceImage    string   `opt:"source_image" doc:"Image to start from."`
	SourceFamily   string   `opt:"source_image_family" doc:"Family whose newest image to start from."`
	SourceProjects []string `opt:"source_image_project_id" doc:"Projects to look for it in."`
}

// Image is the image to make.
type Image struct {
	SkipCreate       bool              `opt:"skip_create_image" doc:"Do everything but make the image."`
	Name             string            `opt:"image_name" default:"packer-{{timestamp}}" doc:"Name of the image: up to 63 lower case letters, digits and dashes."`
	Description      string            `opt:"image_description" default:"Created by Packer" doc:"Description of the image."`
	Family           string            `opt:"image_family" doc:"Family that the image belongs to."`
	Architecture     string            `opt:"image_architecture" doc:"x86_64 or arm64."`
	Labels           map[string]string `opt:"image_labels" doc:"Labels of the image."`
	Licenses         []string          `opt:"image_licenses" doc:"Licenses of the image."`
	GuestOSFeatures  []string          `opt:"image_guest_os_features" doc:"Features of the image's system, such as UEFI_COMPATIBLE."`
	ImageProject     string            `opt:"image_project_id" doc:"Project that the image goes to; that of the build when not given."`
	StorageLocations []string          `opt:"image_storage_locations" doc:"Region that the image is stored in."`
	EncryptionKey    *EncryptionKey    `opt:"image_encryption_key" doc:"Key to encrypt the image with."`
	SignaturesDB     []string          `opt:"image_signatures_db" doc:"Files of certificates that secure boot trusts."`
	PlatformKey      string            `opt:"image_platform_key" doc:"File of the platform key of secure boot."`
	KeyExchangeKey   []string          `opt:"image_key_exchange_key" doc:"Files of key exchange keys of secure boot."`
	ForbiddenDB      []string          `opt:"image_forbidden_signatures_db" doc:"Files of certificates that secure boot refuses."`
	DeprecateAt      string            `opt:"deprecate_at" doc:"When the image becomes deprecated."`
	ObsoleteAt       string            `opt:"obsolete_at" doc:"When the image becomes obsolete."`
	DeleteAt         string            `opt:"delete_at" doc:"When the image is to be deleted."`
}

// EncryptionKey is a key of the customer.
type EncryptionKey struct {
	KMSKeyName string `opt:"kmsKeyName" doc:"Key of Cloud KMS."`
	RawKey     string `opt:"rawKey" doc:"The key itself in base64."`
}

// Machine is the machine that is provisioned.
type Machine struct {
	MachineType       string            `opt:"machine_type" default:"e2-standard-2" doc:"Type of the machine."`
	InstanceName      string            `opt:"instance_name" doc:"Name of the machine; packer- and a UUID when not given."`
	MinCPUPlatform    string            `opt:"min_cpu_platform" doc:"Oldest kind of processor, such as Intel Skylake."`
	AcceleratorType   string            `opt:"accelerator_type" doc:"Accelerators of the machine, as a URL."`
	AcceleratorCount  int64             `opt:"accelerator_count" doc:"How many."`
	NestedVirt        bool              `opt:"enable_nested_virtualization" doc:"Let the machine run machines."`
	SecureBoot        bool              `opt:"enable_secure_boot" doc:"Start by secure boot."`
	VTPM              bool              `opt:"enable_vtpm" doc:"Give the machine a TPM."`
	Integrity         bool              `opt:"enable_integrity_monitoring" doc:"Compare how the machine starts with how it did."`
	Labels            map[string]string `opt:"labels" doc:"Labels of the machine."`
	Tags              []string          `opt:"tags" doc:"Network tags of the machine."`
	ResourceTags      map[string]string `opt:"resource_manager_tags" doc:"Resource manager tags of the machine."`
	Metadata          map[string]string `opt:"metadata" doc:"Metadata of the machine."`
	MetadataFiles     map[string]string `opt:"metadata_files" doc:"Metadata of the machine, read from files."`
	StartupScript     string            `opt:"startup_script_file" doc:"Script that the machine runs at its start; the build waits for its end."`
	WrapStartupScript *bool             `opt:"wrap_startup_script" doc:"false: do not wait for it, and leave it as it is."`
	StateTimeout      time.Duration     `opt:"state_timeout" default:"5m" doc:"How long to wait for the machine to start or stop."`
	ServiceAccount    string            `opt:"service_account_email" doc:"Service account of the machine."`
	NoServiceAccount  bool              `opt:"disable_default_service_account" doc:"Give the machine no service account."`
	Scopes            []string          `opt:"scopes" doc:"What the service account may do; userinfo.email, compute and devstorage.full_control when not given."`
}

// Disk is the disks of the machine.
type Disk struct {
	DiskName          string         `opt:"disk_name" doc:"Name of the disk; that of the machine when not given."`
	DiskSize          int64          `opt:"disk_size" default:"20" doc:"Size of the disk in GB."`
	DiskType          string         `opt:"disk_type" default:"pd-standard" doc:"Type of the disk."`
	DiskEncryptionKey *EncryptionKey `opt:"disk_encryption_key" doc:"Key to encrypt the disk with."`
	Attachments       []Attachment   `opt:"disk_attachment" doc:"Further disks."`
}

// Attachment is a further disk of the machine.
type Attachment struct {
	VolumeType    string        `opt:"volume_type" doc:"Type of the disk: scratch, pd-standard, pd-balanced, pd-ssd, pd-extreme or hyperdisk-…."`
	VolumeSize    int           `opt:"volume_size" doc:"Size in GB."`
	DiskName      string        `opt:"disk_name" doc:"Name of the disk."`
	DeviceName    string        `opt:"device_name" doc:"Name under which the machine sees it."`
	IOPS          int           `opt:"iops" doc:"Operations per second of pd-extreme disks."`
	SourceVolume  string        `opt:"source_volume" doc:"Disk that exists, instead of a new one."`
	SourceImage   string        `opt:"source_image" doc:"Image that the disk is made of."`
	CreateImage   bool          `opt:"create_image" doc:"Make the image of this disk, not of the first."`
	KeepDevice    bool          `opt:"keep_device" doc:"Keep the disk after the build."`
	InterfaceType string        `opt:"interface_type" default:"SCSI" doc:"SCSI or NVME."`
	Mode          string        `opt:"attachment_mode" default:"READ_WRITE" doc:"READ_WRITE or READ_ONLY."`
	ReplicaZones  []string      `opt:"replica_zones" doc:"Zones that the disk is copied to."`
	EncryptionKey EncryptionKey `opt:"disk_encryption_key" doc:"Key to encrypt the disk with."`
}

// Network says what the machine is connected to.
type Network struct {
	Network        string `opt:"network" doc:"Network of the machine; default when neither it nor subnetwork is given."`
	NetworkProject string `opt:"network_project_id" doc:"Project of the network; that of the build when not given."`
	Subnetwork     string `opt:"subnetwork" doc:"Subnetwork of the machine."`
	NetworkIP      string `opt:"network_ip" doc:"Internal address of the machine."`
	Address        string `opt:"address" doc:"Reserved external address of the machine."`
	OmitExternalIP bool   `opt:"omit_external_ip" doc:"Give the machine no external address."`
	UseInternalIP  bool   `opt:"use_internal_ip" doc:"Connect to the internal address."`
}

// Scheduling says when and where the machine runs.
type Scheduling struct {
	OnHostMaintenance string       `opt:"on_host_maintenance" doc:"What maintenance of the host does: MIGRATE, or TERMINATE as for a preemptible machine."`
	Preemptible       bool         `opt:"preemptible" doc:"The machine may be taken away, and is cheaper."`
	MaxRunSeconds     int64        `opt:"max_run_duration_in_seconds" doc:"How long the machine may run."`
	TerminationAction string       `opt:"instance_termination_action" doc:"What happens then: STOP or DELETE."`
	Affinities        []Affinity   `opt:"node_affinity" doc:"Nodes that the machine may run on."`
	Reservation       *Reservation `opt:"reservation_affinity" doc:"Reservation that the machine uses."`
}

// Affinity chooses nodes by a label.
type Affinity struct {
	Key      string   `opt:"key" doc:"The label."`
	Operator string   `opt:"operator" doc:"IN or NOT_IN."`
	Values   []string `opt:"values" doc:"Its values."`
}

// Reservation chooses a reservation.
type Reservation struct {
	Type   string   `opt:"consume_reservation_type" doc:"ANY_RESERVATION, SPECIFIC_RESERVATION or NO_RESERVATION."`
	Key    string   `opt:"key" doc:"Label of the reservation."`
	Values []string `opt:"values" doc:"Its values."`
}

// Login says how to get into the machine.
type Login struct {
	UseIAP             bool          `opt:"use_iap" doc:"Connect through Google's Identity-Aware Proxy."`
	IAPPort            int           `opt:"iap_localhost_port" doc:"Local port of the proxy; a free one when not given."`
	IAPHashBang        string        `opt:"iap_hashbang" doc:"Shell of the proxy's script; /bin/sh when not given."`
	IAPExt             string        `opt:"iap_ext" doc:"How the name of the proxy's script ends."`
	IAPWait            int           `opt:"iap_tunnel_launch_wait" doc:"Seconds to wait for the proxy; 30, or 40 for winrm."`
	UseOSLogin         *bool         `opt:"use_os_login" doc:"Log in by OS Login."`
	OSLoginUsername    string        `opt:"oslogin_ssh_username" doc:"User of OS Login."`
	OSLoginExpireAfter time.Duration `opt:"oslogin_ssh_key_expire_after" doc:"How long the key of OS Login counts."`
	WaitToAddKeys      time.Duration `opt:"wait_to_add_ssh_keys" doc:"How long to wait before keys are added to the metadata."`
	WindowsPassword    time.Duration `opt:"windows_password_timeout" default:"3m" doc:"How long to wait for the password of a Windows machine."`
}

// Kind makes images of machines.
func Kind() template.Kind[machine.Builder] {
	k := template.Valid[machine.Builder]("googlecompute", "images from a machine on Google Compute Engine", Config.check)
	k.CleanName = CleanName
	return k
}
