package googlecompute

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ExportConfig is a post-processor block of type googlecompute-export.
type ExportConfig struct {
	Authentication
	Endpoints
	Paths          []string `opt:"paths,required" doc:"Places of Cloud Storage that the image goes to, such as gs://images/web.tar.gz."`
	DiskSize       int64    `opt:"disk_size" default:"200" doc:"Size of the exporting machine's disk in GB."`
	DiskType       string   `opt:"disk_type" default:"pd-ssd" doc:"Type of that disk."`
	MachineType    string   `opt:"machine_type" default:"n1-highcpu-4" doc:"Type of the exporting machine."`
	SourceFamily   string   `opt:"source_image_family" default:"debian-12-worker" doc:"Family that the exporting machine starts from."`
	Network        string   `opt:"network" doc:"Network of the exporting machine; default when neither it nor subnetwork is given."`
	Subnetwork     string   `opt:"subnetwork" doc:"Subnetwork of the exporting machine."`
	Zone           string   `opt:"zone" doc:"Zone of the exporting machine; that of the build when not given."`
	ServiceAccount string   `opt:"service_account_email" doc:"Service account of the exporting machine."`
	OmitExternalIP bool     `opt:"omit_external_ip" doc:"Give the exporting machine no external address."`
	Scopes         []string `opt:"scopes" doc:"What its service account may do."`
}

// Export sends an image to Cloud Storage.
func Export() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("googlecompute-export", "send an image of Google Compute Engine to Cloud Storage", func(c ExportConfig) error {
		return c.Authentication.check()
	})
}

// ImportConfig is a post-processor block of type googlecompute-import.
type ImportConfig struct {
	Authentication
	Endpoints
	ProjectID        string            `opt:"project_id,required" doc:"Project that the image goes to."`
	Bucket           string            `opt:"bucket,required" doc:"Bucket of Cloud Storage that the archive goes to."`
	Name             string            `opt:"image_name,required" doc:"Name of the image."`
	Object           template.Late     `opt:"gcs_object_name" default:"packer-import-{{timestamp}}.tar.gz" doc:"Name of the archive in the bucket."`
	Architecture     string            `opt:"image_architecture" doc:"x86_64 or arm64."`
	Description      string            `opt:"image_description" doc:"Description of the image."`
	Family           string            `opt:"image_family" doc:"Family that the image belongs to."`
	GuestOSFeatures  []string          `opt:"image_guest_os_features" doc:"Features of the image's system, such as UEFI_COMPATIBLE."`
	Labels           map[string]string `opt:"image_labels" doc:"Labels of the image."`
	StorageLocations []string          `opt:"image_storage_locations" doc:"Region that the image is stored in."`
	SkipClean        bool              `opt:"skip_clean" doc:"Leave the archive in the bucket."`
	SignaturesDB     []string          `opt:"image_signatures_db" doc:"Files of certificates that secure boot trusts."`
	PlatformKey      string            `opt:"image_platform_key" doc:"File of the platform key of secure boot."`
	KeyExchangeKey   []string          `opt:"image_key_exchange_key" doc:"Files of key exchange keys of secure boot."`
	ForbiddenDB      []string          `opt:"image_forbidden_signatures_db" doc:"Files of certificates that secure boot refuses."`
	Scopes           []string          `opt:"scopes" doc:"What is asked of Google."`
}

// Import makes an image of a disk archive.
func Import() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("googlecompute-import", "make an image of Google Compute Engine of a disk archive", func(c ImportConfig) error {
		return errors.Join(c.Authentication.check(), template.OneOf("image_architecture", strings.ToLower(c.Architecture), "x86_64", "arm64"))
	})
}

// ImageDataConfig is a data block of type googlecompute-image.
type ImageDataConfig struct {
	Endpoints
	ProjectID  string `opt:"project_id,required" doc:"Project to look in."`
	Filters    string `opt:"filters,required" doc:"What is known of the image, as the API takes it."`
	MostRecent bool   `opt:"most_recent" doc:"Of several, the newest."`
}

// ImageData finds an image.
func ImageData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("googlecompute-image", "an image that exists on Google Compute Engine", func(ImageDataConfig) error { return nil })
}

// SecretDataConfig is a data block of type googlecompute-secretsmanager.
type SecretDataConfig struct {
	Endpoints
	ProjectID string `opt:"project_id,required" doc:"Project of the secret."`
	Name      string `opt:"name,required" doc:"Name of the secret."`
	Key       string `opt:"key" doc:"Which value of the secret's JSON is wanted."`
	Version   string `opt:"version" default:"latest" doc:"Version of the secret."`
}

// SecretData reads a secret.
func SecretData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("googlecompute-secretsmanager", "a secret of Google Secret Manager", func(SecretDataConfig) error { return nil })
}

// ParameterDataConfig is a data block of type googlecompute-parametermanager.
type ParameterDataConfig struct {
	ProjectID string `opt:"project_id,required" doc:"Project of the parameter."`
	Location  string `opt:"location" default:"global" doc:"Location of the parameter."`
	Name      string `opt:"name,required" doc:"Name of the parameter."`
	Version   string `opt:"version,required" doc:"Version of the parameter."`
	Key       string `opt:"key" doc:"Which value of the parameter is wanted."`
}

// ParameterData reads a parameter.
func ParameterData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("googlecompute-parametermanager", "a value of Google Parameter Manager", func(ParameterDataConfig) error { return nil })
}
